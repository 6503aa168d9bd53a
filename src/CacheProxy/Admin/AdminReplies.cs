using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CacheProxy.Invalidation;

namespace CacheProxy.Admin;

/// <param name="Count">Of the tier with the most: the tiers hold copies of the same entries.</param>
/// <param name="Shared">The other proxies know, or there are none.</param>
public sealed record PurgeReply(bool DryRun, SelectorText Selector, long Count, IReadOnlyList<TierCount> Tiers, bool? Shared = null);

/// <param name="Kept">On disk, so that it holds after a restart.</param>
/// <param name="Shared">The other proxies know, or there are none.</param>
public sealed record BumpReply(string Namespace, int Epoch, bool Kept, bool Shared);

/// <param name="Floor">Every namespace that is not listed is at this epoch.</param>
public sealed record EpochsReply(int Floor, IReadOnlyDictionary<string, int> Epochs);

/// <param name="Tier">The store that was read.</param>
/// <param name="Next">For <c>after</c> of the next page; null: that was all.</param>
public sealed record EntriesReply(string Tier, IReadOnlyList<EntryView> Entries, string? Next);

/// <param name="Skipped">As new or newer was there already.</param>
/// <param name="Expired">Of no use any more.</param>
public sealed record ImportReply(bool DryRun, long Imported, long Skipped, long Expired);

public sealed record SeedReply(bool DryRun, long Seeded, IReadOnlyList<LineFault> Faults);

/// <param name="Line">Counted from 1.</param>
public sealed record LineFault(long Line, string? Param, string Message);

/// <param name="Purges">One for each tag.</param>
public sealed record WebhookReply(IReadOnlyList<BumpReply> Bumps, IReadOnlyList<PurgeReply> Purges);

/// <param name="Tiers">One for each store, the slowest first; an error means that the former tags may still be there.</param>
/// <param name="Shared">The other proxies know, or there are none.</param>
public sealed record TagsReply(string Id, IReadOnlyList<string> Tags, IReadOnlyList<TierTags> Tiers, bool Shared);

/// <summary>The scopes with the most hits first.</summary>
public sealed record SemanticReply(IReadOnlyList<ScopeErrorView> Scopes);

/// <param name="Learned">The entry was served as a semantic hit lately, so that policy and running error could be told.</param>
/// <param name="Removed">Entries.</param>
public sealed record FeedbackReply(string Id, string Verdict, bool Learned, long Removed);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PurgeReply))]
[JsonSerializable(typeof(BumpReply))]
[JsonSerializable(typeof(EpochsReply))]
[JsonSerializable(typeof(EntriesReply))]
[JsonSerializable(typeof(ImportReply))]
[JsonSerializable(typeof(SeedReply))]
[JsonSerializable(typeof(WebhookReply))]
[JsonSerializable(typeof(SemanticReply))]
[JsonSerializable(typeof(ScopeErrorView))]
[JsonSerializable(typeof(FeedbackReply))]
[JsonSerializable(typeof(TagsReply))]
[JsonSerializable(typeof(TenantReply))]
[JsonSerializable(typeof(TenantsReply))]
[JsonSerializable(typeof(AuditLine))]
[JsonSerializable(typeof(ExportHead))]
[JsonSerializable(typeof(ExportLine))]
[JsonSerializable(typeof(ExportEnd))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(EntryView))]
internal sealed partial class AdminJson : JsonSerializerContext;
