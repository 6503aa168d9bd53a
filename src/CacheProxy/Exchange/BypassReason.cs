namespace CacheProxy.Exchange;

/// <summary>Why a request may not be looked up, stored or collapsed. The snake_case name is the <c>detail</c> of Cache-Status.</summary>
public enum BypassReason
{
    None,
    NoCacheRequested,
    NoStoreRequested,
    Temperature,
    MultipleChoices,
    ToolResults,
    ServerState,
    NonTextContent,
    NonTextOutput,
    ClientOptOut,
    TtlZero,
    UpstreamNoStore,
    Disabled,
    Unparsed,

    /// <summary>Another model than the route's own answered.</summary>
    Fallback,

    /// <summary>A tool runs at the provider, which looks anew each time.</summary>
    HostedTools,

    /// <summary>Its path has no answers that are kept: it went past the cache.</summary>
    UncachedPath,
}
