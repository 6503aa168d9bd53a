using System.Text.Json;
using CacheProxy.Pipeline.Configuration;
using CacheProxy.SemanticCache.Truth;
using CacheProxy.Tests.SemanticCache.Index;
using CacheProxy.Tuning.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace CacheProxy.Tests.Functional.Cli;

public sealed class TuneVerbTests
{
    [Fact]
    public async Task Tune_FromShadow_ShowsFirstAndWritesWhenAsked()
    {
        using ToolRun sut = Observed(ObservationSource.Shadow, count: 2000, wrongUnder: 0.5);
        string before = await File.ReadAllTextAsync(sut.SettingsFile, TestContext.Current.CancellationToken);

        (int code, string shown, _) = await sut.RunAsync("tune", "--from", "shadow", "--target-error", "0.02");
        Assert.Equal(0, code);
        Assert.Contains("2,000 candidates with a known outcome", shown);
        Assert.Matches(@"- Semantic:Threshold: null\n\+ Semantic:Threshold: 0\.[0-9]+\n", shown);
        Assert.Contains("Nothing was written", shown);
        Assert.Equal(before, await File.ReadAllTextAsync(sut.SettingsFile, TestContext.Current.CancellationToken));

        (code, string written, _) = await sut.RunAsync("tune", "--from", "shadow", "--target-error", "0.02", "--serve", "--apply");
        Assert.Equal(0, code);
        Assert.Contains("Written", written);
        var after = new SettingsText(await File.ReadAllTextAsync(sut.SettingsFile, TestContext.Current.CancellationToken));
        Assert.InRange(double.Parse(after.ValueAt("Semantic:Threshold")!, System.Globalization.CultureInfo.InvariantCulture), 0.45, 0.6);
        Assert.Equal("\"static\"", after.ValueAt("Semantic:Policy"));
        Assert.Contains("// watched for a week", after.Text);

        (code, string again, _) = await sut.RunAsync("tune", "--from", "shadow", "--target-error", "0.02", "--serve", "--apply");
        Assert.Equal(0, code);
        Assert.Contains("nothing to change", again);
    }

    [Fact]
    public async Task Tune_Applied_IsFollowedByWhoeverReadsTheFile()
    {
        using ToolRun sut = Observed(ObservationSource.Shadow, count: 2000, wrongUnder: 0.5);
        (IConfigurationRoot settings, _) = SettingsSource.Read(sut.SettingsFile);
        var reloaded = new TaskCompletionSource();
        using IDisposable subscription = ChangeToken.OnChange(settings.GetReloadToken, () => reloaded.TrySetResult());

        await sut.RunAsync("tune", "--from", "shadow", "--target-error", "0.02", "--apply");
        await reloaded.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.StartsWith("0.", settings["Semantic:Threshold"]);
        (settings as IDisposable)?.Dispose();
    }

    [Fact]
    public async Task Tune_FromLedger_TakesAuditsOnly()
    {
        using ToolRun sut = Observed(ObservationSource.Audit, count: 800, wrongUnder: 0);

        (_, string ledger, _) = await sut.RunAsync("tune", "--from", "ledger");
        (_, string shadow, _) = await sut.RunAsync("tune", "--from", "shadow");

        Assert.Contains("800 candidates", ledger);
        Assert.Contains("ANSWER'S AGE", ledger);
        Assert.Contains("0 candidates", shadow);
    }

    [Fact]
    public async Task Tune_TooLittleEvidence_AdvisesNothingAndSaysWhatItTakes()
    {
        using ToolRun sut = Observed(ObservationSource.Shadow, count: 50, wrongUnder: 0);
        string before = await File.ReadAllTextAsync(sut.SettingsFile, TestContext.Current.CancellationToken);

        (int code, string output, _) = await sut.RunAsync("tune", "--from", "shadow", "--target-error", "0.01", "--apply");

        Assert.Equal(1, code);
        Assert.Matches("it takes at least [0-9]+ served candidates", output);
        Assert.Equal(before, await File.ReadAllTextAsync(sut.SettingsFile, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Tune_NothingObserved_SaysSo()
    {
        using var sut = new ToolRun($$"""{ "Data": { "Path": {{JsonSerializer.Serialize(Path.Combine(Path.GetTempPath(), "no-such-folder-of-cacheproxy"))}} } }""");

        (int code, _, string errors) = await sut.RunAsync("tune", "--from", "shadow");

        Assert.Equal(1, code);
        Assert.Contains("There are no observations", errors);
    }

    [Fact]
    public async Task Tune_FromPairs_JudgesThemWithTheCascade()
    {
        using var sut = new ToolRun();

        (int code, string output, _) = await sut.RunAsync("tune", "--from", "pairs", "--pairs", ToolRun.HandmadePairs, "--target-error", "0.5", "--confidence", "0.8");

        Assert.Equal(0, code);
        Assert.Contains("of 80 pairs", output);
        Assert.Contains("+ Semantic:Threshold: 0.", output);
    }

    /// <summary>Settings in shadow, and observations whose probability runs from 1 to 0; under a bound every other one is wrong.</summary>
    private static ToolRun Observed(ObservationSource source, int count, double wrongUnder)
    {
        var run = new ToolRun();
        run.Write("cacheproxy.json", $$"""
            {
              "Data": { "Path": {{JsonSerializer.Serialize(run.Folder)}} },
              "Semantic": {
                "Policy": "shadow", // watched for a week
                "Threshold": null
              }
            }
            """);
        using ObservationFile file = new(Path.Combine(run.Folder, ObservationLog.FileName));
        file.Add([.. Enumerable.Range(0, count).Select(i => Observation(source, 1 - (i / (double)count), i, wrongUnder))]);
        return run;
    }

    private static Observation Observation(ObservationSource source, double probability, int number, double wrongUnder) => new()
    {
        Time = DateTimeOffset.UnixEpoch.AddDays(20_000).AddSeconds(number),
        Policy = "static",
        Tenant = "t",
        Model = "m",
        Entry = RandomVectors.Fingerprint(number),
        Probability = probability,
        Outcome = probability >= wrongUnder || number % 2 == 0 ? ObservationOutcome.Right : ObservationOutcome.Wrong,
        Source = source,
        EntryAgeSeconds = number % 600,
    };
}
