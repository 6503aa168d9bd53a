using System.Text.Json.Serialization;

namespace CacheProxy.Dashboard.Api;

/// <summary>Unlike the other surfaces it writes nulls: a page tells unknown from absent.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SessionView))]
[JsonSerializable(typeof(SummaryView))]
[JsonSerializable(typeof(SeriesView))]
[JsonSerializable(typeof(GroupsView))]
[JsonSerializable(typeof(NearMissesView))]
[JsonSerializable(typeof(ChoicesView))]
[JsonSerializable(typeof(PrefixCachesView))]
[JsonSerializable(typeof(TailRowView))]
[JsonSerializable(typeof(TailDroppedView))]
[JsonSerializable(typeof(EntryListView))]
[JsonSerializable(typeof(EntryContentView))]
[JsonSerializable(typeof(ThresholdsView))]
[JsonSerializable(typeof(ApplyReply))]
[JsonSerializable(typeof(HealthView))]
[JsonSerializable(typeof(BudgetsView))]
[JsonSerializable(typeof(SemanticScopesView))]
internal sealed partial class DashboardJson : JsonSerializerContext;
