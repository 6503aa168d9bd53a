using System.Text.Json.Serialization;
using CacheProxy.Exchange;

namespace CacheProxy.Dashboard.Api;

/// <summary>The top of what requests are grouped by.</summary>
/// <param name="By"><c>tenant</c>, <c>user</c>, <c>model</c>, <c>upstream</c>, <c>route</c>, <c>namespace</c>, <c>dialect</c>, <c>outcome</c>, <c>entry</c>, <c>prefix</c>, <c>work</c>.</param>
public sealed record GroupsView(RangeView Range, string By, string Order, IReadOnlyList<GroupView> Groups, string? Notice);

/// <param name="Key">Empty: what has none.</param>
/// <param name="Entry">Of groups by entry, while it is in the cache; else null.</param>
public sealed record GroupView(string Key, FiguresView Figures, PromptView? Entry);

/// <summary>What is known of the prompt behind an entry.</summary>
/// <param name="Question">As the semantic index has it; null: it has none, or the role may not see it.</param>
public sealed record PromptView(string Id, string Tenant, string Model, string Namespace, IReadOnlyList<string> Tags, DateTimeOffset CreatedAt, bool IsFresh, string? Question)
{
    /// <summary>For finding what else is known of it.</summary>
    [JsonIgnore]
    internal Fingerprint256 Fingerprint { get; init; }
}
