namespace CacheProxy.Exchange;

/// <summary>Which entries are meant: those that all given properties match. Null: not given.</summary>
public sealed record EntrySelector
{
    public string? Id { get; init; }

    /// <summary>Among the entry's tags.</summary>
    public string? Tag { get; init; }

    /// <summary>Empty: the common one.</summary>
    public string? Namespace { get; init; }

    /// <summary>As the client named it.</summary>
    public string? Model { get; init; }

    /// <summary>The scope's hash, 64 hex digits, or its first 16: all that is known of a key that settings name by its id.</summary>
    public string? Scope { get; init; }

    /// <summary>See <see cref="CacheEntry.UserId"/>.</summary>
    public string? UserId { get; init; }

    /// <summary>Made then or later.</summary>
    public DateTimeOffset? CreatedFrom { get; init; }

    /// <summary>Made earlier.</summary>
    public DateTimeOffset? CreatedBefore { get; init; }

    public string? PrefixId { get; init; }

    public Fingerprint256? Fingerprint { get; init; }

    /// <summary>Not the entries are meant but the copies of them that processes hold: they are read anew from where they are kept.</summary>
    public bool IsOfCopies { get; init; }

    /// <summary>Nothing is given, so that everything matches.</summary>
    public bool IsEmpty => this == Everything;

    public static EntrySelector Everything { get; } = new();

    /// <summary>Whether the entry that the request's answer becomes can be among them. An id is given only to what is there.</summary>
    public bool MayMatch(ExchangeFeature exchange)
        => Id is null
            && (Tag is null || exchange.Tags.Contains(Tag) || exchange.Joined?.Tags.Contains(Tag) == true)
            && (Namespace is null || Namespace == exchange.Namespace)
            && (Model is null || Model == exchange.Facts.Model)
            && (Scope is null || exchange.Scope.Id.StartsWith(Scope, StringComparison.Ordinal))
            && (PrefixId is null || exchange.PrefixId is null || PrefixId == exchange.PrefixId)
            && (Fingerprint is null || Fingerprint == exchange.Fingerprint);

    public bool Matches(CacheEntry entry)
        => (Id is null || Id == entry.Id)
            && (Tag is null || entry.Tags.Contains(Tag))
            && (Namespace is null || Namespace == entry.Namespace)
            && (Model is null || Model == entry.Model)
            && (Scope is null || entry.Scope.StartsWith(Scope, StringComparison.Ordinal))
            && (UserId is null || UserId == entry.UserId)
            && (CreatedFrom is null || entry.CreatedAt >= CreatedFrom)
            && (CreatedBefore is null || entry.CreatedAt < CreatedBefore)
            && (PrefixId is null || PrefixId == entry.PrefixId)
            && (Fingerprint is null || Fingerprint == entry.Fingerprint);
}
