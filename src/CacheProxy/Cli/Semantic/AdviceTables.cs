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
            foreach (TtlAdvice own in advice.ScopeTtls.Where(own => own.IsShown).Take(ShownScopes))
            {
                WriteTtlLine(output, own);
            }
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
        NameOf(advice.Model, advice.Route),
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

    private static string NameOf(string model, string route) => (model, route) switch
    {
        ("", "") => "all",
        (_, "") => model,
        _ => $"{model} by {route}",
    };

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
        WriteTtlLine(output, ttl);
    }

    private static void WriteTtlLine(TextWriter output, TtlAdvice ttl)
    {
        string name = (ttl.Model, ttl.Route) is ("", "") ? "TTL" : $"TTL of {NameOf(ttl.Model, ttl.Route)}";
        output.WriteLine(ttl.AdvisedSeconds == ttl.NowSeconds
            ? $"{name}: keep {Age(ttl.NowSeconds)}; {ttl.Reason}."
            : $"{name}: {Age(ttl.AdvisedSeconds)} instead of {Age(ttl.NowSeconds)}; {ttl.Reason}. Of {Percent.Count(ttl.Hits)} hits it would have had about {Percent.Count(ttl.ExpectedHits)}.");
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
