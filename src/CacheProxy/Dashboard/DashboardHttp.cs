using System.Text.Json.Serialization.Metadata;
using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Dashboard;

/// <summary>Answers of <c>/dashboard/api</c>: for nobody's cache, for no other site's page.</summary>
internal static class DashboardHttp
{
    public static void Protect(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    public static Task WriteAsync<T>(HttpContext context, T view, JsonTypeInfo<T> type)
    {
        Protect(context.Response);
        return AdminHttp.WriteAsync(context, view, type);
    }

    public static Task WriteAsync(HttpContext context, RequestError error)
    {
        Protect(context.Response);
        return Refusals.WriteAsync(context, error);
    }
}
