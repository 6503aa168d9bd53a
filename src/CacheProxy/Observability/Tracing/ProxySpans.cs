using System.Diagnostics;

namespace CacheProxy.Observability.Tracing;

/// <summary>
/// The proxy's spans. Where nobody listens none is made: asking costs one read. The steps of a request have spans only within the request's own, and what the
/// proxy does of its own accord has a trace of its own that links to the request that brought it about.
/// </summary>
public static class ProxySpans
{
    public const string SourceName = "CacheProxy";

    /// <summary>Looks for an answer; <see cref="SpanTags.Tier"/> says where.</summary>
    public const string Lookup = "lookup";

    public const string Embed = "embed";

    /// <summary>Asks the index for the nearest questions.</summary>
    public const string Search = "search";

    public const string Verify = "verify";

    /// <summary>Until an answer begins that another request leads; it links to that one's span.</summary>
    public const string Wait = "wait";

    /// <summary>One try at one upstream.</summary>
    public const string Upstream = "upstream";

    /// <summary>From the answer to its entry in every tier.</summary>
    public const string Record = "record";

    /// <summary>An upstream is asked for nobody who waits: to replace an entry, or to learn whether a hit was right.</summary>
    public const string Background = "background";

    private static readonly ActivitySource Source = new(SourceName);

    public static bool HasListeners => Source.HasListeners();

    /// <summary>A request is being traced here, by whomever.</summary>
    public static bool IsTraced => Activity.Current is not null;

    /// <returns>Null: the request is not traced, or its trace is not recorded.</returns>
    public static Activity? Start(string name, ActivityKind kind = ActivityKind.Internal)
        => Activity.Current is null ? null : Source.StartActivity(name, kind);

    /// <summary>As <see cref="Start"/>, with a link to another trace's span.</summary>
    /// <param name="other">Default: none is known.</param>
    public static Activity? StartLinked(string name, ActivityContext other)
        => Activity.Current is null ? null : Source.StartActivity(name, ActivityKind.Internal, parentContext: default, links: other == default ? null : [new ActivityLink(other)]);

    /// <param name="parent">Default: the span that is current, or none.</param>
    public static Activity? StartServer(string name, ActivityContext parent) => Source.StartActivity(name, ActivityKind.Server, parent);

    /// <summary>Begins a trace of its own. Call it in an async method, whose caller keeps the span that is current there.</summary>
    /// <param name="origin">The span that brought it about; default: none is known.</param>
    public static Activity? StartApart(string name, ActivityContext origin)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        Activity.Current = null;
        ActivityLink[]? links = origin == default ? null : [new ActivityLink(origin)];
        return Source.StartActivity(name, ActivityKind.Internal, parentContext: default, links: links);
    }
}
