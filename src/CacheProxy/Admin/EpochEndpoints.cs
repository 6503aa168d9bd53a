using CacheProxy.Exchange;
using CacheProxy.Invalidation;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Admin;

/// <summary>
/// <c>GET /admin/epochs</c> and <c>POST /admin/epochs/{namespace}</c>: from the next request on, nothing stored in the namespace before is found.
/// <c>POST /admin/epochs/</c>, without a name, is the common namespace.
/// </summary>
internal sealed class EpochEndpoints(NamespaceEpochs epochs, PurgeActions actions)
{
    public Task GetAsync(HttpContext context, string who)
        => AdminHttp.WriteAsync(context, new EpochsReply(epochs.Table.Floor, epochs.Table.Spaces), AdminJson.Default.EpochsReply);

    public async Task PostAsync(HttpContext context, string who)
    {
        string space = context.Request.RouteValues["namespace"] as string ?? "";
        if (!NamespaceName.IsValid(space))
        {
            await ErrorReply.WriteAsync(context, RequestError.InvalidValue("namespace", NamespaceName.Rule));
            return;
        }

        await AdminHttp.WriteAsync(context, await actions.BumpAsync(space, who), AdminJson.Default.BumpReply);
    }
}
