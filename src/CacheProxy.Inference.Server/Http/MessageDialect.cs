using System.Security.Cryptography;
using CacheProxy.Protocol;

namespace CacheProxy.Inference.Server.Http;

/// <summary>Which requests are in Anthropic's dialect, and the id that their answers carry.</summary>
internal static class MessageDialect
{
    private const string RequestIdHeader = "request-id";
    private const int IdLength = 24;

    /// <summary>By the path where it is Anthropic's alone, by the header that its clients always send where both have the path.</summary>
    public static bool IsUsedBy(HttpRequest request)
        => request.Path.StartsWithSegments("/v1/messages", StringComparison.OrdinalIgnoreCase) || request.Headers.ContainsKey(HeaderNames.AnthropicVersion);

    /// <summary>The id of this request, in the answer's head as clients read it from there.</summary>
    public static string RequestIdOf(HttpContext context)
    {
        string? known = context.Response.Headers[RequestIdHeader];
        if (string.IsNullOrEmpty(known) && !context.Response.HasStarted)
        {
            known = "req_" + RandomNumberGenerator.GetHexString(IdLength, lowercase: true);
            context.Response.Headers[RequestIdHeader] = known;
        }

        return known ?? "";
    }
}
