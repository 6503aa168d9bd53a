using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Tenancy;

namespace CacheProxy.Admin;

/// <summary>What administration shows of an entry: never its answer, nor the question.</summary>
public sealed record EntryView
{
    public required string Id { get; init; }

    public required string Fingerprint { get; init; }

    public required string Tenant { get; init; }

    public required string Namespace { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public required string Model { get; init; }

    public string? UserId { get; init; }

    public string? PrefixId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required long AgeSeconds { get; init; }

    public required int TtlSeconds { get; init; }

    public required int StaleWhileRevalidateSeconds { get; init; }

    public required int StaleIfErrorSeconds { get; init; }

    public required bool IsFresh { get; init; }

    public required double MissSeconds { get; init; }

    public required string Dialect { get; init; }

    public required bool IsStream { get; init; }

    public required int BodyBytes { get; init; }

    public long? PromptTokens { get; init; }

    public long? CompletionTokens { get; init; }

    /// <summary>The same with its tenant's name, as all figures have it.</summary>
    public EntryView Named(TenantNames names) => this with { Tenant = names.NameOfScope(Tenant) };

    public static EntryView From(CacheEntry entry, DateTimeOffset now)
    {
        AnswerEvent.Usage? usage = entry.Answer.Events.OfType<AnswerEvent.Usage>().LastOrDefault();
        return new EntryView
        {
            Id = entry.Id,
            Fingerprint = entry.Fingerprint.ToString(),
            Tenant = entry.Scope,
            Namespace = entry.Namespace,
            Tags = entry.Tags,
            Model = entry.Model,
            UserId = entry.UserId,
            PrefixId = entry.PrefixId,
            CreatedAt = entry.CreatedAt,
            AgeSeconds = entry.AgeSeconds(now),
            TtlSeconds = entry.TtlSeconds,
            StaleWhileRevalidateSeconds = entry.StaleWhileRevalidateSeconds,
            StaleIfErrorSeconds = entry.StaleIfErrorSeconds,
            IsFresh = entry.IsFresh(now),
            MissSeconds = entry.MissDurationSeconds,
            Dialect = entry.Answer.Body.Dialect.ToString(),
            IsStream = entry.Answer.Body.IsStream,
            BodyBytes = entry.Answer.Body.Bytes.Length,
            PromptTokens = usage is { PromptTokens: >= 0 } ? usage.PromptTokens : null,
            CompletionTokens = usage is { CompletionTokens: >= 0 } ? usage.CompletionTokens : null,
        };
    }
}
