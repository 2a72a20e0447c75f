/* One server after the other, summed up over the workers. */
#include "backend_view.h"

#include "health_register.h"

static uint64_t read_figure(const _Atomic uint64_t *figure)
{
    return atomic_load_explicit(figure, memory_order_relaxed); /* a mere figure */
}

/* The strongest reason is the one to be told. */
static const char *state_of(const struct health_server *server)
{
    uint32_t bars = server_health_bars(server->shared);
    if ((bars & SERVER_DISABLED) != 0) {
        return "disabled";
    }
    if ((bars & SERVER_CHECKED_DOWN) != 0) {
        return "down";
    }
    if ((bars & SERVER_EJECTED) != 0) {
        return server->is_trial_offered ? "trial" : "ejected";
    }
    return "up";
}

static struct backend_view view_of(const struct health_server *server)
{
    const struct server_health *shared = server->shared;
    uint32_t bars = server_health_bars(shared);
    struct backend_view view = {
        .backend = server->backend->name,
        .server = server->text,
        .written = server->address->server->source.text,
        .state = state_of(server),
        .reason = (bars & (SERVER_CHECKED_DOWN | SERVER_EJECTED)) != 0 ? server->reason : "",
        .is_up = bars == 0,
        .check_count = server->checks_total,
        .bad_check_count = server->bad_checks_total,
        .ejection_count = server->ejections_total,
    };
    for (uint32_t i = 0; i < shared->worker_count; i++) {
        const struct server_figures *figures = &shared->figures[i];
        view.request_count += read_figure(&figures->request_count);
        view.under_way_count += read_figure(&figures->under_way_count);
        for (size_t j = 0; j < SERVER_FAILURE_COUNT; j++) {
            view.failure_counts[j] += read_figure(&figures->failure_counts[j]);
        }
    }
    return view;
}

static void visit_backend(const struct health_backend *backend,
                          void (*visit)(void *owner, const struct backend_view *view), void *owner)
{
    for (struct list *node = backend->servers.next; node != &backend->servers; node = node->next) {
        const struct health_server *server = health_server_of(node);
        if (server->address != NULL) {
            struct backend_view view = view_of(server);
            visit(owner, &view);
        }
    }
}

void backend_view_visit(struct backend_health *health,
                        void (*visit)(void *owner, const struct backend_view *view), void *owner)
{
    (void)pthread_mutex_lock(&health->lock);
    for (struct list *at = health->backends.next; at != &health->backends; at = at->next) {
        visit_backend(health_backend_of(at), visit, owner);
    }
    (void)pthread_mutex_unlock(&health->lock);
}
