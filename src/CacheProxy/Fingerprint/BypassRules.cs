using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;

namespace CacheProxy.Fingerprint;

/// <summary>Which requests the cache must not touch, by what they ask for.</summary>
public static class BypassRules
{
    // The providers' default, for a request that gives none.
    private const double DefaultTemperature = 1;

    public static BypassReason Judge(FingerprintedRequest request, CachePolicy policy)
    {
        RequestFacts facts = request.Facts;
        return facts switch
        {
            _ when request.HasDuplicateNames => BypassReason.Unparsed,
            _ when policy.KeepsNothing => BypassReason.TtlZero,
            { UsesServerState: true } => BypassReason.ServerState,
            { WantsNonTextOutput: true } => BypassReason.NonTextOutput,
            { HasRemoteContent: true } => BypassReason.NonTextContent,
            { HasHostedTools: true } when !policy.AllowHostedTools => BypassReason.HostedTools,
            { Choices: > 1 } => BypassReason.MultipleChoices,
            { HasToolResults: true } when !policy.AllowToolResults => BypassReason.ToolResults,
            _ when (facts.Temperature ?? DefaultTemperature) > policy.MaxTemperature && !(policy.AllowSeeded && facts.HasSeed) => BypassReason.Temperature,
            _ => BypassReason.None,
        };
    }
}
