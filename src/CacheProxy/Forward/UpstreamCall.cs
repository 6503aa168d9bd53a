using CacheProxy.Exchange;
using CacheProxy.Exchange.Routes;
using CacheProxy.Forward.Upstreams;

namespace CacheProxy.Forward;

/// <summary>One request at one destination, with what its tries share.</summary>
internal sealed class UpstreamCall
{
    public required HttpContext Context { get; init; }

    /// <summary>Null: a request that the cache has nothing to do with; its body is the client's own stream and can be sent once.</summary>
    public required ExchangeFeature? Exchange { get; init; }

    /// <summary>What the cost of a request without an exchange is written to; null: it is not asked for.</summary>
    public ExchangeFeature? Meter { get; init; }

    /// <summary>What the answer's cost is written to; null: nothing.</summary>
    public ExchangeFeature? Metered => Exchange ?? Meter;

    public required UpstreamRoute Route { get; init; }

    public required UpstreamDestination Destination { get; init; }

    public required string? Salt { get; init; }

    /// <summary>As this destination gets it; empty where there is no exchange.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Asks for the usage that the client did not ask for.</summary>
    public required bool AddsUsage { get; init; }

    /// <summary>Another destination is left to go to.</summary>
    public required bool HasNext { get; init; }

    /// <summary>The next destination serves the same model: nothing is gained by waiting for this one.</summary>
    public required bool HasEqual { get; init; }

    public Upstream Upstream => (Upstream)Destination.Target;

    /// <summary>It finds out whether the upstream's rest is over, in one try.</summary>
    public bool IsTrial { get; set; }

    /// <summary>Tries so far, the one under way among them.</summary>
    public int Tries { get; set; }

    public bool HasTries => Exchange is not null && !HasEqual && !IsTrial && Tries <= Upstream.Client.Tuning.Retries;

    /// <summary>What the destination calls the model; null: the body, which nobody has read, says it.</summary>
    public string? Model => Exchange is { Facts.Model.Length: > 0 } ? Destination.Model ?? Route.ModelOf(Exchange.Facts.Model) : null;

    /// <summary>The client's credentials are meant for the upstream at this address, not for whoever takes over from it.</summary>
    public bool MayUseClientCredentials
        => ReferenceEquals(Destination, Route.Destinations[0]) || Upstream.Options.ForwardClientCredentials || IsAtFirstAddress;

    private bool IsAtFirstAddress => new Uri(Upstream.BaseUrl).GetLeftPart(UriPartial.Authority) == new Uri(Route.Destinations[0].Target.BaseUrl).GetLeftPart(UriPartial.Authority);

    public static BodyEdits EditsOf(ExchangeFeature exchange, UpstreamRoute route, UpstreamDestination destination)
    {
        var upstream = (Upstream)destination.Target;
        string asked = exchange.Facts.Model;
        // A body that nobody could read, packed perhaps, goes as it is.
        if (asked.Length == 0 || exchange.Flags.Reason == BypassReason.Unparsed)
        {
            return default;
        }

        string sent = destination.Model ?? route.ModelOf(asked);
        bool isGenerating = exchange.Dialect is Dialect.OpenAIChat or Dialect.OpenAICompletions or Dialect.OpenAIResponses;
        bool hasStreamOptions = exchange.Dialect is Dialect.OpenAIChat or Dialect.OpenAICompletions;
        return new BodyEdits
        {
            Model = sent == asked ? null : sent,
            // What a stream cost is told to nobody else; a reader of our own takes it out again.
            AddsUsage = hasStreamOptions && upstream.ReportsStreamUsage && exchange.Facts is { IsStream: true, IncludesUsage: false },
            PromptCacheKey = upstream.Hint == CacheHint.PromptCacheKey && exchange.Dialect is Dialect.OpenAIChat or Dialect.OpenAIResponses ? exchange.PromptKey : null,
            CacheSalt = upstream.Hint == CacheHint.CacheSalt && isGenerating ? exchange.Salt : null,
            MarksSystem = upstream.Options.CacheControl && exchange.Dialect == Dialect.AnthropicMessages,
        };
    }
}
