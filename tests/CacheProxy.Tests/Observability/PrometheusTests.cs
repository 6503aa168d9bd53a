using System.Text.Json;
using System.Text.RegularExpressions;

namespace CacheProxy.Tests.Observability;

/// <summary>Every expression of every dashboard and rule, asked of a real Prometheus that scraped a proxy and a backend at work.</summary>
[Collection(nameof(MonitoringCollection))]
public sealed partial class PrometheusTests(ScrapedMetrics scraped)
{
    // What is empty as long as all is well, or needs more traffic than a test makes.
    private static readonly Dictionary<string, string> Empty = new()
    {
        ["stores, Dependencies that fail"] = "none fails",
        ["stores, Open breakers"] = "none is open",
        ["stores, Upstreams left alone"] = "none is",
        ["stores, Calls of dependencies that did not succeed"] = "all did",
        ["semantic, Scopes that fell back to exact hits"] = "none did",
        ["backend, Guessed tokens that were right"] = "nothing was guessed for so short an answer",
        ["CacheHitRateDropped"] = "there is no day before",
    };

    [Fact]
    public async Task Dashboards_EveryPanelShowsSomething()
    {
        var faults = new List<string>();
        foreach ((string where, string expression) in from name in MonitoringFiles.Dashboards
                                                      from target in MonitoringFiles.Targets(name)
                                                      select ($"{name}, {target.Title}", Fill(target.Expr)))
        {
            faults.AddRange(await FaultsAsync(where, expression));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task Rules_EveryExpressionComparesSomething()
    {
        var faults = new List<string>();
        foreach ((string name, bool isAlert, string expression, _) in MonitoringFiles.Rules())
        {
            // An alert that is silent has no value; what it compares has.
            faults.AddRange(await FaultsAsync(name, isAlert ? Comparison().Replace(expression, "$1 bool ") : expression));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task Rules_NoAlertFiresWhereAllIsWell()
    {
        JsonElement alerts = (await Required().GetAsync("alerts")).GetProperty("alerts");
        Assert.DoesNotContain(alerts.EnumerateArray(), alert => alert.GetProperty("state").GetString() == "firing");
    }

    [Fact]
    public async Task Scrape_IsOpenMetrics_AndNoMoreSeriesThanTheLabelsAllow()
    {
        PrometheusServer prometheus = Required();
        // Only OpenMetrics tells when a series was made.
        Assert.NotEmpty(await prometheus.QueryAsync("{__name__=~\"cacheproxy_.*_created\"}"));
        double proxy = Assert.Single(await prometheus.QueryAsync("scrape_samples_scraped{job=\"proxy\"}")), backend = Assert.Single(await prometheus.QueryAsync("scrape_samples_scraped{job=\"inference\"}"));
        Assert.InRange(proxy, 300, 2500);
        Assert.InRange(backend, 50, 500);
    }

    private async Task<IEnumerable<string>> FaultsAsync(string where, string expression)
    {
        try
        {
            bool isEmpty = (await Required().QueryAsync(expression)).Length == 0;
            return isEmpty && !Empty.ContainsKey(where) ? [$"{where}: nothing for {expression}"] : [];
        }
        catch (InvalidDataException exception)
        {
            return [$"{where}: {exception.Message}"];
        }
    }

    private PrometheusServer Required()
    {
        PrometheusServer? prometheus = scraped.Required().Prometheus;
        Assert.SkipWhen(prometheus is null, "prometheus is not installed.");
        return prometheus!;
    }

    private static string Fill(string expression) => expression.Replace("$__rate_interval", "1m", StringComparison.Ordinal)
        .Replace("$__range", "5m", StringComparison.Ordinal).Replace("$instance", ".*", StringComparison.Ordinal);

    [GeneratedRegex(@"(?<=\s)(==|>=|<=|<|>) ")]
    private static partial Regex Comparison();
}
