// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serve.h"
#include "units.h"

#define BACKLOG		16

/* Per connection, for what it sends; a scrape has less than 1 KiB. */
#define REQUEST_BYTES	16384

#define METRICS_TYPE	"text/plain; version=0.0.4; charset=utf-8"

static const char front[] =
	"<!DOCTYPE html>\n<title>dpctool</title>\n<a href=\"/metrics\">/metrics</a>\n";

/* Cuts @address, which is changed, into host and port; false if that cannot be. */
static bool split(char *address, const char **host, const char **port)
{
	char *end = strrchr(address, ':');

	*host = address;
	if (*address == '[') {
		*host = address + 1;
		end = strchr(address, ']');
		if (!end)
			return false;
		*end++ = '\0';
	} else if (!end || strchr(address, ':') != end) {
		/* no port, or IPv6 without brackets */
		return true;
	}
	if (!*end)
		return true;
	if (*end != ':')
		return false;
	*end = '\0';
	*port = end + 1;
	return true;
}

static bool is_port(const char *text)
{
	__u64 port;

	return !strcmp(text, "0") || parse_number(text, 65535, &port);
}

static struct addrinfo *resolve(const char *address)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	char *copy = strdup(address), standard[8];
	const char *host, *port = standard;
	struct addrinfo *found = NULL;

	if (!copy)
		no_memory();
	snprintf(standard, sizeof(standard), "%d", SERVE_PORT);
	if (!split(copy, &host, &port) || !is_port(port) || getaddrinfo(host, port, &hints, &found))
		found = NULL;
	free(copy);
	return found;
}

static void name_page(int fd, char *url, size_t size)
{
	char host[NI_MAXHOST] = "?", port[NI_MAXSERV] = "?";
	struct sockaddr_storage bound;
	socklen_t length = sizeof(bound);

	if (!getsockname(fd, (struct sockaddr *)&bound, &length))
		getnameinfo((struct sockaddr *)&bound, length, host, sizeof(host), port,
			    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(url, size, strchr(host, ':') ? "http://[%s]:%s/metrics" : "http://%s:%s/metrics",
		 host, port);
}

enum exit_code serve_listen(int *fd, char *url, size_t size, const char *address)
{
	struct addrinfo *where = resolve(address ? address : "127.0.0.1");
	int one = 1, error = 0;

	if (!where)
		return fail(DPCTOOL_USAGE, "listen 127.0.0.1:10576, or listen [::1]:10576",
			    "listen: not a valid ADDRESS: '%s'", address);
	*fd = socket(where->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* A port that was served from a moment ago is not taken. */
	if (*fd < 0 || setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(*fd, where->ai_addr, where->ai_addrlen) || listen(*fd, BACKLOG))
		error = errno;
	freeaddrinfo(where);
	if (!error) {
		name_page(*fd, url, size);
		return DPCTOOL_OK;
	}
	if (*fd >= 0)
		close(*fd);
	return fail(DPCTOOL_REFUSED, error == EADDRINUSE ? "another port: listen ADDRESS:PORT" :
		    "ip address, to see the addresses of this network namespace",
		    "cannot listen on %s: %s", address ? address : "127.0.0.1", strerror(error));
}

/* Sends @text, which is to be freed if @own. */
static enum MHD_Result respond(struct MHD_Connection *connection, unsigned int status,
			       const char *type, char *text, size_t size, bool own)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(size, text, own ? MHD_RESPMEM_MUST_FREE :
						MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result;

	if (!response) {
		if (own)
			free(text);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result respond_error(struct MHD_Connection *connection, unsigned int status,
				     const char *text)
{
	return respond(connection, status, "text/plain", (char *)text, strlen(text), false);
}

static enum MHD_Result respond_page(struct MHD_Connection *connection, struct serve_page *page)
{
	size_t size = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);
	bool failed = !out;

	if (out) {
		page->print(out, page->context);
		failed = ferror(out);
		failed |= fclose(out);
	}
	if (failed) {
		free(text);
		return respond_error(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "out of memory\n");
	}
	page->count++;
	return respond(connection, MHD_HTTP_OK, METRICS_TYPE, text, size, true);
}

/* Is called first with the head of a request, then with what is in it, then for the answer. */
static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **seen)
{
	static int once;

	(void)version;
	(void)upload;
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return respond_error(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET or HEAD\n");
	if (!*seen) {
		*seen = &once;
		return MHD_YES;
	}
	/* Who asks has nothing to say: the connection ends. */
	if (*upload_size)
		return MHD_NO;
	if (!strcmp(url, "/metrics"))
		return respond_page(connection, context);
	if (!strcmp(url, "/"))
		return respond(connection, MHD_HTTP_OK, "text/html; charset=utf-8", (char *)front,
			       sizeof(front) - 1, false);
	return respond_error(connection, MHD_HTTP_NOT_FOUND, "only /metrics is here\n");
}

static __u64 next_timeout(struct MHD_Daemon *daemon)
{
	MHD_UNSIGNED_LONG_LONG ms;

	return MHD_get_timeout(daemon, &ms) == MHD_YES ? now_ns() + ms * (NSEC_PER_SEC / 1000) :
							 ~0ULL;
}

enum exit_code serve(int fd, struct serve_page *page, struct watch *watch)
{
	struct MHD_Daemon *daemon =
		MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, answer, page,
				 MHD_OPTION_LISTEN_SOCKET, fd,
				 MHD_OPTION_CONNECTION_LIMIT, SERVE_CONNECTIONS,
				 MHD_OPTION_PER_IP_CONNECTION_LIMIT, SERVE_PER_ADDRESS,
				 MHD_OPTION_CONNECTION_TIMEOUT, SERVE_TIMEOUT_S,
				 MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_BYTES,
				 MHD_OPTION_END);
	int epoll_fd;

	if (!daemon)
		return fail(DPCTOOL_REFUSED, NULL, "libmicrohttpd does not start: %s",
			    strerror(errno));
	epoll_fd = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	while (watch_wait(watch, next_timeout(daemon), epoll_fd) != WATCH_END) {
		MHD_run(daemon);
		/* Where that made room for a connection, only this looks whether one waits. */
		MHD_run(daemon);
	}
	MHD_stop_daemon(daemon);
	return DPCTOOL_OK;
}
