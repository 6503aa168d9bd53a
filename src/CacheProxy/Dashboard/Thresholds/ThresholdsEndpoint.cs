using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Dashboard.Api;
using CacheProxy.Dashboard.Figures;
using CacheProxy.Exchange.Policies;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.SemanticCache;
using CacheProxy.Stores;
using CacheProxy.Tuning;
using CacheProxy.Tuning.Advice;
using CacheProxy.Tuning.Statistics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace CacheProxy.Dashboard.Thresholds;

/// <summary><c>GET /dashboard/api/thresholds</c>: hit rate and measured error at every threshold, and the one that the evidence supports; as <c>tune</c> does it.</summary>
internal sealed partial class ThresholdsEndpoint(
    ThresholdsInForce inForce, SettingsVersion settings, IOptionsMonitor<SemanticOptions> semantic, IOptionsMonitor<ExactOptions> exact, IOptions<DataOptions> data,
    TimeProvider time, ILogger<ThresholdsEndpoint> logger)
{
    private const int LongestName = 256;
    private const int MostScopes = 50;
    private const double DefaultTarget = 0.01;
    private const double DefaultConfidence = 0.95;

    private static readonly TimeSpan Oldest = TimeSpan.FromDays(3650);

    public async Task GetAsync(HttpContext context, AdminPass pass)
    {
        JsonFields fields = JsonFields.From(context.Request.Query);
        EvidenceQuery query = Read(fields);
        if (fields.Finish() is { } error)
        {
            await DashboardHttp.WriteAsync(context, error);
            return;
        }

        // Up to 200,000 rows are read and sorted: not on a thread that requests wait for.
        ThresholdsView view = await Task.Run(() => Answer(query), context.RequestAborted);
        await DashboardHttp.WriteAsync(context, view, DashboardJson.Default.ThresholdsView);
    }

    private EvidenceQuery Read(JsonFields fields)
    {
        string source = fields.Text("source") ?? "shadow";
        if (source is not ("shadow" or "audits"))
        {
            fields.Fail(RequestError.InvalidValue("source", "use shadow or audits."));
        }

        TimeSpan? since = FiguresQueryReader.ReadSpan(fields, "since", Oldest);
        return new EvidenceQuery(
            source == "audits" ? EvidenceSource.Ledger : EvidenceSource.Shadow, fields.Text("model", LongestName, mayBeEmpty: true) ?? "",
            fields.Text("route", LongestName, mayBeEmpty: true) ?? "", since is { } span ? time.GetUtcNow() - span : null,
            fields.Share("target_error") ?? DefaultTarget, fields.Share("confidence") ?? DefaultConfidence);
    }

    private ThresholdsView Answer(EvidenceQuery query)
    {
        (IReadOnlyList<Evidence> evidence, string? notice) = Gather(query);
        double Now(string model, string route) => inForce.Of(model.Length > 0 ? model : query.Model, route.Length > 0 ? route : query.Route);
        TuningAdvice advice = TuningAdvice.From(evidence, Now, exact.CurrentValue, query.TargetError, query.Confidence);
        var curve = new ThresholdCurve(evidence.Select(one => one.Label));
        (string? version, bool canApply) = settings.Read();
        return new ThresholdsView(
            query.Source == EvidenceSource.Shadow ? "shadow" : "audits", semantic.CurrentValue.Policy, curve.Count, query.TargetError, query.Confidence,
            CurvePoints.Of(curve, advice.Threshold.Now), ThresholdPoint.From(advice.Threshold.Now, curve.Count), AdvisedPoint.From(advice.Threshold.Advised, curve.Count),
            CertifiedThreshold.FewestNeeded(query.TargetError, query.Confidence), [.. advice.Scopes.Take(MostScopes).Select(ScopeThreshold.From)], canApply, version, notice);
    }

    private (IReadOnlyList<Evidence> Evidence, string? Notice) Gather(EvidenceQuery query)
    {
        try
        {
            IEnumerable<Evidence> all = EvidenceReader.FromObservations(data.Value.ResolvePath(), query.Source, query.Since);
            Evidence[] meant =
            [
                .. all.Where(one => (query.Model.Length == 0 || one.Model == query.Model) && (query.Route.Length == 0 || one.Route == query.Route)),
            ];
            return (meant, meant.Length > 0 ? null : "Nothing is known of that yet: Semantic:Policy 'shadow', or audits of served hits, tell.");
        }
        catch (FileNotFoundException)
        {
            return ([], "Nothing was observed yet: Semantic:Policy 'shadow', or audits of served hits, tell.");
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Log.NotRead(logger, exception);
            return ([], "The observations cannot be read now: " + exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1303, LogLevel.Warning, "The observations could not be read for the dashboard", EventName = "ObservationsNotRead")]
        public static partial void NotRead(ILogger logger, Exception exception);
    }
}
