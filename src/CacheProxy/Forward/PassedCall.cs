using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Tenancy;

namespace CacheProxy.Forward;

/// <summary>What is known of a call that goes past the cache, for the ledger and the budgets: who makes it, whether it can cost something, and how its answer tells what.</summary>
internal static class PassedCall
{
    private static readonly PathString Images = "/v1/images";
    private static readonly PathString Audio = "/v1/audio";

    // What providers answer without a model, and say they do not charge.
    private static readonly PathString[] Free =
        ["/v1/files", "/v1/uploads", "/v1/moderations", "/v1/conversations", "/v1/messages/count_tokens", "/v1/responses/input_tokens", "/v1/models", "/tokenize", "/detokenize"];

    /// <summary>The API whose usage the answer has: pictures and speech have the names of the responses.</summary>
    public static Dialect DialectOf(PathString path, Dialect family)
        => path.StartsWithSegments(Images) || path.StartsWithSegments(Audio) ? Dialect.OpenAIResponses : family;

    /// <summary>False: it asks for what is there already, or takes it away; the answer's usage, if it has one, was billed when it was made.</summary>
    public static bool CanCost(HttpRequest request)
        => request.HttpContext.WebSockets.IsWebSocketRequest
            || (HttpMethods.IsPost(request.Method)
                && !Free.Any(free => request.Path.StartsWithSegments(free, StringComparison.OrdinalIgnoreCase))
                && request.Path.Value?.EndsWith("/cancel", StringComparison.OrdinalIgnoreCase) != true);

    /// <summary>What its model is sold by beside text tokens.</summary>
    public static UsageExtras ExtrasOf(PathString path)
        => path.StartsWithSegments(Images) ? UsageExtras.Images : path.StartsWithSegments(Audio) ? UsageExtras.Audio : UsageExtras.None;

    /// <param name="model">As path or query name it; empty: only the body does, which nobody reads.</param>
    public static ExchangeFeature Begin(HttpRequest request, Dialect dialect, string model, ScopeResolver scopes, long timestamp)
    {
        var flags = new CacheFlags();
        flags.DenyAll(BypassReason.UncachedPath);
        return new ExchangeFeature
        {
            Dialect = dialect,
            Scope = scopes.Resolve(request.Headers),
            Sender = scopes.IsShared ? scopes.SenderOf(request.Headers) : default,
            Body = default,
            ArrivedTimestamp = timestamp,
            Flags = flags,
            Facts = new RequestFacts { Model = model },
            Outcome = CacheOutcome.Bypass,
        };
    }
}
