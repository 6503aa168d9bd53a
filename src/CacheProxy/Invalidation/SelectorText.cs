using System.Text.Json;
using System.Text.Json.Serialization;
using CacheProxy.Exchange;

namespace CacheProxy.Invalidation;

/// <summary>A selector as JSON: in answers, in the audit file, and between proxies. Holds hashes, never keys or names of users.</summary>
public sealed record SelectorText
{
    public string? Id { get; init; }

    public string? Tag { get; init; }

    public string? Namespace { get; init; }

    public string? Model { get; init; }

    public string? Tenant { get; init; }

    public string? UserId { get; init; }

    public DateTimeOffset? CreatedFrom { get; init; }

    public DateTimeOffset? CreatedBefore { get; init; }

    public string? PrefixId { get; init; }

    public string? Fingerprint { get; init; }

    /// <summary>See <see cref="EntrySelector.IsOfCopies"/>; null: no.</summary>
    public bool? Copies { get; init; }

    public static SelectorText From(EntrySelector selector) => new()
    {
        Id = selector.Id,
        Tag = selector.Tag,
        Namespace = selector.Namespace,
        Model = selector.Model,
        Tenant = selector.Scope,
        UserId = selector.UserId,
        CreatedFrom = selector.CreatedFrom,
        CreatedBefore = selector.CreatedBefore,
        PrefixId = selector.PrefixId,
        Fingerprint = selector.Fingerprint?.ToString(),
        Copies = selector.IsOfCopies ? true : null,
    };

    /// <exception cref="FormatException">The fingerprint is none.</exception>
    public EntrySelector ToSelector() => new()
    {
        Id = Id,
        Tag = Tag,
        Namespace = Namespace,
        Model = Model,
        Scope = Tenant,
        UserId = UserId,
        CreatedFrom = CreatedFrom,
        CreatedBefore = CreatedBefore,
        PrefixId = PrefixId,
        Fingerprint = Fingerprint is null ? null
            : Fingerprint256.TryParse(Fingerprint, out Fingerprint256 fingerprint) ? fingerprint
            : throw new FormatException("The fingerprint is none."),
        IsOfCopies = Copies == true,
    };

    public override string ToString() => JsonSerializer.Serialize(this, InvalidationJson.Default.SelectorText);

    /// <summary>Null: it is no selector that this version knows.</summary>
    public static EntrySelector? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, InvalidationJson.Default.SelectorText)?.ToSelector();
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            return null;
        }
    }
}

// What is not known is refused: a selector without a condition that it was given would match too much.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(SelectorText))]
internal sealed partial class InvalidationJson : JsonSerializerContext;
