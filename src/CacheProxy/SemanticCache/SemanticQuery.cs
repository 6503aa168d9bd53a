using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Fingerprint;
using CacheProxy.SemanticCache.Policies;

namespace CacheProxy.SemanticCache;

/// <summary>One request as the semantic stage sees it.</summary>
public sealed record SemanticQuery
{
    /// <summary>Whose answers may be served: the scope's hash.</summary>
    public required string Scope { get; init; }

    /// <summary>As the client names it.</summary>
    public string Model { get; init; } = "";

    /// <summary>Name of the route that the model takes; empty: none.</summary>
    public string Route { get; init; } = "";

    public string Namespace { get; init; } = "";

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Everything of the request but <see cref="Text"/>, as the Fingerprint stage hashed it.</summary>
    public required Fingerprint256 Partition { get; init; }

    /// <summary>Of the whole request; zero: it is none.</summary>
    public Fingerprint256 Fingerprint { get; init; }

    /// <summary>The last user turn; null: the request has no question that could be asked in other words.</summary>
    public required string? Text { get; init; }

    /// <summary>Why the request goes by whatever its text; <see cref="SemanticReason.None"/>: the text decides.</summary>
    public SemanticReason Unfit { get; init; }

    /// <summary>The texts of users and assistant in front of <see cref="Text"/> that are not in <see cref="Partition"/>, in order: they must match pairwise.</summary>
    public IReadOnlyList<ConversationTurn> Earlier { get; init; } = [];

    /// <summary>What the client asked for; it can only tighten.</summary>
    public SemanticWish Wish { get; init; }

    public CacheDirectives Directives { get; init; }

    public CachePolicy Policy { get; init; } = CachePolicy.Default;

    /// <summary>What a policy is told of the candidate that this entry answers.</summary>
    public PolicyScope ScopeOf(Fingerprint256 entry) => new(Scope, Model, Route, Namespace, Tags, Partition, entry) { Asked = Fingerprint };

    public static SemanticQuery From(ExchangeFeature exchange) => new()
    {
        Scope = exchange.Scope.Id,
        Model = exchange.Facts.Model,
        Route = exchange.Route?.Name ?? "",
        Namespace = exchange.Namespace,
        Tags = exchange.Tags,
        Partition = exchange.Partition,
        Fingerprint = exchange.Fingerprint,
        Text = exchange.Facts.LastUserText,
        Wish = exchange.Semantic,
        Directives = exchange.Directives,
        Policy = exchange.Policy,
    };
}
