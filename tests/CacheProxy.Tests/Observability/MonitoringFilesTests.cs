using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Observability;

/// <summary>Dashboards and rules against what a scrape really has, and by promtool, of Debian's package prometheus.</summary>
[Collection(nameof(MonitoringCollection))]
public sealed partial class MonitoringFilesTests(ScrapedMetrics scraped)
{
    [Fact]
    public void Dashboards_NameOnlyWhatAScrapeHas()
    {
        string[] faults = [.. MonitoringFiles.Dashboards.SelectMany(name => MonitoringFiles.Targets(name).SelectMany(target => Faults($"{name}, {target.Title}", new PromQuery(target.Expr), target.Legend)))];
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    [Fact]
    public void Rules_NameOnlyWhatAScrapeHas()
    {
        string[] faults = [.. MonitoringFiles.Rules().SelectMany(rule => Faults(rule.Name, new PromQuery(rule.Expr), rule.Annotations))];
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    [Fact]
    public void Rules_EveryAlertSaysWhatItIsAndWhatToDo()
        => Assert.All(MonitoringFiles.Rules().Where(rule => rule.IsAlert), rule => Assert.All((string[])["severity: ", "summary: ", "description: ", "runbook: "], key => Assert.Contains(key, rule.Annotations, StringComparison.Ordinal)));

    [Fact]
    public void Rules_EveryAlertIsTestedFiringAndSilent()
    {
        (HashSet<string> firing, HashSet<string> silent) = MonitoringFiles.TestedAlerts();
        string[] alerts = [.. MonitoringFiles.Rules().Where(rule => rule.IsAlert).Select(rule => rule.Name)];
        Assert.Empty(alerts.Except(firing));
        Assert.Empty(alerts.Except(silent));
    }

    [Fact]
    public void Rules_WhatTheirTextsNameIsThere()
    {
        JsonElement settings = JsonDocument.Parse(File.ReadAllText(Repository.File("config", "cacheproxy.json"))).RootElement;
        string[] alerts = [.. MonitoringFiles.Rules().Select(rule => rule.Name)];
        foreach ((string name, _, _, string annotations) in MonitoringFiles.Rules().Where(rule => rule.IsAlert))
        {
            string text = Braces().Replace(annotations, "");
            Assert.All(Setting().Matches(text), match => Assert.True(
                settings.TryGetProperty(match.Groups[1].Value, out JsonElement section) && section.TryGetProperty(match.Groups[2].Value, out _), $"{name}: no setting {match.Value}"));
            Assert.All(Metric().Matches(text), match => Assert.True(scraped.Required().Samples.Contains(match.Value) || scraped.Samples.Contains(match.Value + "_count"), $"{name}: no metric {match.Value}"));
            Assert.All(Alert().Matches(text), match => Assert.Contains(match.Groups[1].Value, alerts));
        }
    }

    [Fact]
    public void OpenMetrics_OfAProxyThatWorked_FollowsTheGrammar()
    {
        OpenMetricsPage page = OpenMetricsPage.Parse(scraped.Required().OpenMetrics);
        Assert.Equal(("counter", "USD"), (page["cacheproxy_cost_saved_USD"].Type, page["cacheproxy_cost_saved_USD"].Unit));
        Assert.All(page.Families.Where(family => family.Type == "counter"), family => Assert.DoesNotContain("_total", family.Name, StringComparison.Ordinal));
    }

    [Fact]
    public void Labels_AreOfClosedSets()
    {
        // Values that no client makes up: words of ours, or names that the settings give. Models are held by KnownModels, tenants by the busiest scopes.
        string[] words =
        [
            "le", "cacheproxy_budget_hard", "cacheproxy_budget_level", "cacheproxy_cache_outcome", "cacheproxy_cache_tier", "cacheproxy_dependency", "cacheproxy_dependency_result",
            "cacheproxy_engine_block_state", "cacheproxy_engine_tier", "cacheproxy_file", "cacheproxy_refresh_reason", "cacheproxy_refresh_result", "cacheproxy_reembedding_result",
            "cacheproxy_response_class", "cacheproxy_semantic_bound", "cacheproxy_semantic_outcome", "cacheproxy_semantic_policy", "cacheproxy_semantic_reason",
            "cacheproxy_semantic_served", "cacheproxy_semantic_source", "cacheproxy_semantic_stage", "cacheproxy_semantic_use", "cacheproxy_token_class",
            "cacheproxy_upstream_result", "cacheproxy_upstream_state", "cacheproxy_work", "gen_ai_response_finish_reason",
        ];
        string[] names = ["cacheproxy_budget_name", "cacheproxy_upstream_name", "gen_ai_request_model", "cacheproxy_tenant"];
        Assert.Empty(scraped.Required().Samples.SelectMany(series => series).SelectMany(labels => labels).Distinct().Except([.. words, .. names]));
    }

    [Theory]
    [InlineData("check", "rules", "cacheproxy.rules.yml")]
    [InlineData("test", "rules", "cacheproxy.rules.test.yml")]
    public async Task Promtool_TakesTheRules(params string[] arguments) => await PromtoolAsync(arguments, null);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Promtool_TakesTheScrape(int page) => await PromtoolAsync(["check", "metrics"], scraped.Required().Pages[page]);

    [Fact]
    public async Task Promtool_TakesTheConfigurationOfTheComposition()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cacheproxy-test-");
        File.Copy(Repository.File("docker", "prometheus.yml"), Path.Combine(folder.FullName, "prometheus.yml"));
        File.Copy(MonitoringFiles.RulesFile, Path.Combine(folder.FullName, Path.GetFileName(MonitoringFiles.RulesFile)));
        await PromtoolAsync(["check", "config", Path.Combine(folder.FullName, "prometheus.yml")], null);
        folder.Delete(recursive: true);
    }

    private static async Task PromtoolAsync(string[] arguments, string? input)
    {
        string? program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "promtool")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "promtool is not installed.");
        using Process process = Process.Start(new ProcessStartInfo(program!, arguments)
        {
            WorkingDirectory = Path.GetDirectoryName(MonitoringFiles.RulesFile),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await output + await errors);
    }

    private IEnumerable<string> Faults(string where, PromQuery query, string templates)
    {
        string[] recorded = [.. MonitoringFiles.Rules().Where(rule => !rule.IsAlert).Select(rule => rule.Name)];
        HashSet<string> labels = [];
        foreach ((string name, string[] selected) in query.Metrics.Where(metric => metric.Name != "up"))
        {
            if (recorded.Contains(name))
            {
                labels.UnionWith(new PromQuery(MonitoringFiles.Rules().Single(rule => rule.Name == name).Expr).GroupLabels);
                continue;
            }

            HashSet<string> present = [.. scraped.Required().Samples[name].SelectMany(sample => sample)];
            labels.UnionWith(present);
            if (!scraped.Samples.Contains(name))
            {
                yield return $"{where}: no {name} in a scrape";
            }

            foreach (string label in selected.Except(present))
            {
                yield return $"{where}: {name} has no label {label}";
            }
        }

        if (query.Metrics.Count == 0)
        {
            yield return $"{where}: no metric in {query.Text}";
        }

        foreach (string label in query.GroupLabels.Concat(Template().Matches(templates).Select(match => match.Groups[1].Value)).Except(["instance", "job", .. labels]))
        {
            yield return $"{where}: nothing has the label {label}";
        }
    }

    [GeneratedRegex(@"\{\{\s*(?:\$labels\.)?([a-z][a-zA-Z0-9_]*)\s*\}\}")]
    private static partial Regex Template();

    [GeneratedRegex(@"\{\{.*?\}\}")]
    private static partial Regex Braces();

    [GeneratedRegex("\\b([A-Z][A-Za-z]+):([A-Z][A-Za-z]+)")]
    private static partial Regex Setting();

    [GeneratedRegex("\\bcacheproxy_[a-z_]+")]
    private static partial Regex Metric();

    [GeneratedRegex(@"(?:As for|Where) ([A-Z][a-z]+[A-Z]\w+)")]
    private static partial Regex Alert();
}
