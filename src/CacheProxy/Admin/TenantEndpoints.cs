using CacheProxy.Exchange;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.Tenancy;

namespace CacheProxy.Admin;

/// <summary>
/// <c>GET /admin/tenants</c>: the names that keys have. <c>POST /admin/tenants/id</c> with <c>{"key": …}</c>: the id of a key, for
/// <c>Tenants:Names</c>. The key is neither kept nor logged.
/// </summary>
internal sealed class TenantEndpoints(TenantNames names)
{
    public Task GetAsync(HttpContext context, string who)
        => AdminHttp.WriteAsync(context, new TenantsReply([.. names.All.Select(tenant => new TenantReply(tenant.Name, tenant.Id))]), AdminJson.Default.TenantsReply);

    public async Task IdAsync(HttpContext context, string who)
    {
        if (await AdminHttp.ReadBodyAsync(context) is not { } body)
        {
            return;
        }

        JsonFields fields = JsonFields.Parse(body);
        string? key = fields.Text("key", maxLength: 16_384);
        if (fields.Finish() is null && string.IsNullOrWhiteSpace(key))
        {
            fields.Fail(RequestError.Missing("key"));
        }

        if (fields.Error is { } error)
        {
            await ErrorReply.WriteAsync(context, error);
            return;
        }

        string id = names.IdOfKey(key!);
        string name = names.NameOf(id);
        await AdminHttp.WriteAsync(context, new TenantReply(name == id ? null : name, id), AdminJson.Default.TenantReply);
    }
}
