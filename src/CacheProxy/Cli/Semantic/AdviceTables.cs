using System.Globalization;
using CacheProxy.Tuning.Advice;
using CacheProxy.Tuning.Settings;
using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Cli.Semantic;

/// <summary>Advice as tables.</summary>
internal static class AdviceTables
{
    private const int ShownScopes = 20;

    /// <param name="pairs">Of which the known candidates are a part.</param>
    public static void Write(TextWriter output, TuningAdvice advice, int pairs, double targetError, double confidence)
    {
        ThresholdAdvice all = advice.Threshold;
        output.WriteLine($"{Percent.Count(all.Known)} candidates with a known outcome{(pairs > all.Known ? $", of {Percent.Count(pairs)} pairs" : "")}.");
        output.WriteLine($"At most {Percent.Of(targetError)} wrong among the served, with {Percent.Of(confidence)} confidence:");
        output.WriteLine();
        Table.Write(
            output,
            ["FOR", "KNOWN", "FROM", "HITS", "SHARE", "WRONG (95 %)", "ADVISED FROM", "HITS", "SHARE", "WRONG", "NOT OVER"],
            advice.Scopes.Take(ShownScopes).Prepend(all).Select(scope => Row(scope, scope == all ? pairs : scope.Known)));
        if (all.Advised is null)
        {
            output.WriteLine();
            output.WriteLine(
                $"No threshold can be shown to hold that: it takes at least {Percent.Count(CertifiedThreshold.FewestNeeded(targetError, confidence))} "
                + "served candidates without a wrong one, more with some.");
        }

        if (advice.Ttl is { } ttl)
        {
            output.WriteLine();
            WriteTtl(output, ttl);
        }
    }

    public static void WriteChanges(TextWriter output, string path, IReadOnlyList<SettingsChange> changes)
    {
        output.WriteLine(path);
        foreach (SettingsChange change in changes)
        {
            if (change.Before is not null)
            {
                output.WriteLine($"- {change.Path}: {change.Before}");
            }

            output.WriteLine($"+ {change.Path}: {change.After}");
        }
    }

    private static string[] Row(ThresholdAdvice advice, int whole) =>
    [
        (advice.Model, advice.Route) switch
        {
            ("", "") => "all",
            (var model, "") => model,
            var (model, route) => $"{model} by {route}",
        },
        Percent.Count(advice.Known),
        Percent.Threshold(advice.Now.Threshold),
        Percent.Count(advice.Now.Served),
        Percent.Of(advice.Now.Served, whole),
        Percent.WithInterval(advice.Now.Wrong, advice.Now.Served),
        .. advice.Advised is { } advised
            ? new[]
            {
                Percent.Threshold(advised.Point.Threshold), Percent.Count(advised.Point.Served), Percent.Of(advised.Point.Served, whole),
                Percent.Of(advised.Point.Wrong, advised.Point.Served), Percent.Of(advised.UpperBound),
            }
            : ["-", "-", "-", "-", "-"],
    ];

    private static void WriteTtl(TextWriter output, TtlAdvice ttl)
    {
        Table.Write(
            output,
            ["ANSWER'S AGE", "HITS", "WRONG (95 %)"],
            ttl.Ages.Select(bucket => new[]
            {
                bucket.ToSeconds == long.MaxValue ? $"{Age(bucket.FromSeconds)} and more" : $"{Age(bucket.FromSeconds)} to {Age(bucket.ToSeconds)}",
                Percent.Count(bucket.Hits),
                Percent.WithInterval(bucket.Wrong, bucket.Hits),
            }));
        output.WriteLine();
        output.WriteLine(ttl.AdvisedSeconds == ttl.NowSeconds
            ? $"TTL: keep {Age(ttl.NowSeconds)}; {ttl.Reason}."
            : $"TTL: {Age(ttl.AdvisedSeconds)} instead of {Age(ttl.NowSeconds)}; {ttl.Reason}. Of {Percent.Count(ttl.Hits)} hits it would have had about {Percent.Count(ttl.ExpectedHits)}.");
    }

    private static string Age(long seconds) => seconds switch
    {
        >= 86_400 when seconds % 86_400 == 0 => $"{Whole(seconds / 86_400)} d",
        >= 3600 when seconds % 3600 == 0 => $"{Whole(seconds / 3600)} h",
        >= 60 when seconds % 60 == 0 => $"{Whole(seconds / 60)} min",
        _ => $"{Whole(seconds)} s",
    };

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);
}
