using System.Text.Json;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Truth;
using CacheProxy.Tests.Functional.Admin;
using CacheProxy.Tests.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CacheProxy.Tests.Functional.Dashboard;

/// <summary>The threshold page over observations that are known.</summary>
public class ThresholdTests
{
    [Fact]
    public async Task Curve_OverKnownObservations_HasTheirCountsAndIntervals()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Semantic:Threshold"] = "0.8" });
        Observe(proxy, count: 1000, wrongBelow: 0.7);

        JsonElement reply = (await proxy.ApiAsync("/thresholds?target_error=0.02")).Json;

        // Probabilities go evenly from 0 to 1; those under 0.7 are wrong.
        JsonElement now = reply.GetProperty("now");
        Assert.Equal((0.8, 200, 0), (now.GetProperty("threshold").GetDouble(), now.GetProperty("served").GetInt32(), now.GetProperty("wrong").GetInt32()));
        Assert.Equal(0.2, now.GetProperty("hit_rate").GetDouble(), 6);
        Assert.Equal(WilsonInterval.Of(0, 200).Upper, now.GetProperty("error_high").GetDouble(), 6);
        JsonElement[] curve = [.. reply.GetProperty("curve").EnumerateArray()];
        Assert.InRange(curve.Length, 100, 202);
        Assert.Equal(1000, curve[^1].GetProperty("served").GetInt32());
        Assert.Equal(700, curve[^1].GetProperty("wrong").GetInt32());
        Assert.Contains(curve, point => point.GetProperty("threshold").GetDouble() == 0.8);
        Assert.All(curve.Zip(curve.Skip(1)), pair => Assert.True(pair.First.GetProperty("threshold").GetDouble() > pair.Second.GetProperty("threshold").GetDouble()));
        Assert.InRange(reply.GetProperty("advised").GetProperty("point").GetProperty("threshold").GetDouble(), 0.65, 0.75);
        Assert.InRange(reply.GetProperty("advised").GetProperty("upper_bound").GetDouble(), 0, 0.02);
        Assert.Equal((true, 1000), (reply.GetProperty("can_apply").GetBoolean(), reply.GetProperty("known").GetInt32()));
    }

    [Fact]
    public async Task Curve_WithoutObservations_SaysSo()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        JsonElement reply = (await proxy.ApiAsync("/thresholds?source=audits")).Json;

        Assert.Equal(0, reply.GetProperty("curve").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, reply.GetProperty("advised").ValueKind);
        Assert.NotNull(reply.GetProperty("notice").GetString());
        Assert.InRange(reply.GetProperty("now").GetProperty("threshold").GetDouble(), 0.5, 1);
    }

    [Fact]
    public async Task Apply_WritesTheSettingsFile_AndTheProxyFollows()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Semantic:Threshold"] = "0.8" });
        string version = (await proxy.ApiAsync("/thresholds")).Json.GetProperty("settings").GetString()!;

        Reply reply = await proxy.ApiAsync(HttpMethod.Post, "/thresholds/apply", $$"""{"threshold":0.93,"settings":"{{version}}"}""");

        JsonElement change = Assert.Single(reply.Json.GetProperty("changes").EnumerateArray());
        Assert.Equal(("Semantic:Threshold", "0.93"), (change.GetProperty("path").GetString(), change.GetProperty("after").GetString()));
        Assert.NotEqual(version, reply.Json.GetProperty("settings").GetString());
        var options = proxy.Services.GetRequiredService<IOptionsMonitor<SemanticOptions>>();
        await Wait.UntilAsync(() => Task.FromResult(options.CurrentValue.Threshold == 0.93), "the proxy follows its settings");
        Assert.Contains(proxy.Audit(), line => line.Contains("\"action\":\"threshold\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Apply_ToOneModel_AddsItsRule()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Semantic:Threshold"] = "0.8" });
        string version = (await proxy.ApiAsync("/thresholds")).Json.GetProperty("settings").GetString()!;

        Reply reply = await proxy.ApiAsync(HttpMethod.Post, "/thresholds/apply", $$"""{"threshold":0.9,"settings":"{{version}}","model":"m"}""");

        Assert.Equal("""{ "Model": "m", "Threshold": 0.9 }""", Assert.Single(reply.Json.GetProperty("changes").EnumerateArray()).GetProperty("after").GetString());
    }

    [Fact]
    public async Task Apply_OverAFileThatHasChanged_WritesNothing()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        string version = (await proxy.ApiAsync("/thresholds")).Json.GetProperty("settings").GetString()!;
        string changed = await File.ReadAllTextAsync(proxy.ConfigurationPath, TestContext.Current.CancellationToken) + "\n";
        await File.WriteAllTextAsync(proxy.ConfigurationPath, changed, TestContext.Current.CancellationToken);

        Reply reply = await proxy.ApiAsync(HttpMethod.Post, "/thresholds/apply", $$"""{"threshold":0.93,"settings":"{{version}}"}""");

        Assert.Equal((409, "settings_changed"), (reply.Status, reply.ErrorCode));
        Assert.Equal(changed, await File.ReadAllTextAsync(proxy.ConfigurationPath, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("""{"threshold":0,"settings":"x"}""", "threshold")]
    [InlineData("""{"threshold":1.5,"settings":"x"}""", "threshold")]
    [InlineData("""{"threshold":"NaN","settings":"x"}""", "threshold")]
    [InlineData("""{"settings":"x"}""", "threshold")]
    [InlineData("""{"threshold":0.9}""", "settings")]
    [InlineData("""{"threshold":0.9,"settings":"x","policy":"off"}""", "policy")]
    public async Task Apply_OfWhatIsWrong_NamesIt(string body, string param)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Reply reply = await proxy.ApiAsync(HttpMethod.Post, "/thresholds/apply", body);

        Assert.Equal((400, param), (reply.Status, reply.ErrorParam));
    }

    [Theory]
    [InlineData("source=ledger", "source")]
    [InlineData("target_error=0", "target_error")]
    [InlineData("target_error=-0.1", "target_error")]
    [InlineData("confidence=1", "confidence")]
    [InlineData("since=soon", "since")]
    public async Task Parameter_ThatIsWrong_IsNamed(string query, string param)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Reply reply = await proxy.ApiAsync("/thresholds?" + query);

        Assert.Equal((400, param), (reply.Status, reply.ErrorParam));
    }

    private static void Observe(ProxyUnderTest proxy, int count, double wrongBelow)
    {
        string path = Path.Combine(Path.GetDirectoryName(proxy.ConfigurationPath)!, ObservationLog.FileName);
        using ObservationFile file = new(path);
        file.Add([.. Enumerable.Range(0, count).Select(i => new Observation
        {
            Time = proxy.Clock.GetUtcNow(),
            Policy = "static",
            Tenant = "t",
            Model = "m",
            Entry = SampleEntries.Fingerprint(i),
            Probability = (i + 0.5) / count,
            Outcome = (i + 0.5) / count < wrongBelow ? ObservationOutcome.Wrong : ObservationOutcome.Right,
            Source = ObservationSource.Shadow,
        })]);
    }
}
