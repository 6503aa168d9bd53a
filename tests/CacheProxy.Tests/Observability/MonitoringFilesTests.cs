using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using CacheProxy.TestKit;
using YamlDotNet.RepresentationModel;

namespace CacheProxy.Tests.Observability;

/// <summary>Dashboards and rules against what a scrape really has, and by promtool, of Debian's package prometheus.</summary>
public sealed partial class MonitoringFilesTests(ScrapedMetrics scraped) : IClassFixture<ScrapedMetrics>
{
    private static readonly string[] Dashboards = ["backend", "overview", "semantic", "stores"];
    private static readonly string RulesFile = Repository.File("config", "prometheus", "cacheproxy.rules.yml");

    [Fact]
    public void Dashboards_NameOnlyWhatAScrapeHas()
    {
        string[] faults = [.. Dashboards.SelectMany(name => Targets(name).SelectMany(target => Faults($"{name}, {target.Title}", new PromQuery(target.Expr), target.Legend)))];
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    [Fact]
    public void Rules_NameOnlyWhatAScrapeHas()
    {
        string[] faults = [.. Rules().SelectMany(rule => Faults(rule.Name, new PromQuery(rule.Expr), rule.Annotations))];
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    [Fact]
    public void Rules_EveryAlertHasASeverityARunbookAndATest()
    {
        string tests = File.ReadAllText(Repository.File("config", "prometheus", "cacheproxy.rules.test.yml"));
        Assert.All(Rules().Where(rule => rule.IsAlert), rule =>
        {
            Assert.Contains("runbook", rule.Annotations, StringComparison.Ordinal);
            Assert.Contains("severity", rule.Annotations, StringComparison.Ordinal);
            Assert.Contains($"alertname: {rule.Name}\n", tests, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Dashboards_AreWellFormed()
    {
        var uids = new HashSet<string>();
        foreach (string name in Dashboards)
        {
            JsonElement board = Board(name);
            Assert.True(uids.Add(board.GetProperty("uid").GetString()!));
            JsonElement[] panels = [.. board.GetProperty("panels").EnumerateArray()];
            Assert.Equal(panels.Length, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
            Assert.Equal(panels.Length, panels.Select(panel => panel.GetProperty("title").GetString()).Distinct().Count());
            Assert.All(panels, panel => Assert.InRange(panel.GetProperty("gridPos").GetProperty("x").GetInt32() + panel.GetProperty("gridPos").GetProperty("w").GetInt32(), 1, 24));
            Assert.All(panels, panel => Assert.Equal("${datasource}", panel.GetProperty("datasource").GetProperty("uid").GetString()));
        }
    }

    [Fact]
    public void OpenMetrics_OfAProxyThatWorked_FollowsTheGrammar()
    {
        OpenMetricsPage page = OpenMetricsPage.Parse(scraped.Required().OpenMetrics);
        Assert.Equal(("counter", "USD"), (page["cacheproxy_cost_saved_USD"].Type, page["cacheproxy_cost_saved_USD"].Unit));
        Assert.All(page.Families.Where(family => family.Type == "counter"), family => Assert.DoesNotContain("_total", family.Name, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("check", "rules", "cacheproxy.rules.yml")]
    [InlineData("test", "rules", "cacheproxy.rules.test.yml")]
    public async Task Promtool_TakesTheRules(params string[] arguments) => await PromtoolAsync(arguments, null);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Promtool_TakesTheScrape(int page) => await PromtoolAsync(["check", "metrics"], scraped.Required().Pages[page]);

    private static async Task PromtoolAsync(string[] arguments, string? input)
    {
        string? program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "promtool")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "promtool is not installed.");
        using Process process = Process.Start(new ProcessStartInfo(program!, arguments)
        {
            WorkingDirectory = Path.GetDirectoryName(RulesFile),
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
        string[] recorded = [.. Rules().Where(rule => !rule.IsAlert).Select(rule => rule.Name)];
        HashSet<string> labels = [];
        foreach ((string name, string[] selected) in query.Metrics.Where(metric => metric.Name != "up"))
        {
            if (recorded.Contains(name))
            {
                labels.UnionWith(new PromQuery(Rules().Single(rule => rule.Name == name).Expr).GroupLabels);
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

    private static JsonElement Board(string name) => JsonDocument.Parse(File.ReadAllText(Repository.File("config", "grafana", name + ".json"))).RootElement;

    private static IEnumerable<(string Title, string Expr, string Legend)> Targets(string name)
        => from panel in Board(name).GetProperty("panels").EnumerateArray()
           from target in panel.GetProperty("targets").EnumerateArray()
           select (panel.GetProperty("title").GetString()!, target.GetProperty("expr").GetString()!, target.GetProperty("legendFormat").GetString()!);

    private static List<(string Name, bool IsAlert, string Expr, string Annotations)> Rules()
    {
        var yaml = new YamlStream();
        using StreamReader reader = File.OpenText(RulesFile);
        yaml.Load(reader);
        return [.. ((YamlSequenceNode)yaml.Documents[0].RootNode["groups"]).SelectMany(group => (YamlSequenceNode)group["rules"]).Cast<YamlMappingNode>().Select(rule =>
        {
            bool isAlert = rule.Children.ContainsKey("alert");
            string annotations = string.Join('\n', rule.Children.Where(pair => pair.Value is YamlMappingNode).SelectMany(pair => (YamlMappingNode)pair.Value).Select(pair => $"{pair.Key}: {pair.Value}"));
            return ((string)rule[isAlert ? "alert" : "record"]!, isAlert, (string)rule["expr"]!, annotations);
        })];
    }

    [GeneratedRegex(@"\{\{\s*(?:\$labels\.)?([a-z][a-zA-Z0-9_]*)\s*\}\}")]
    private static partial Regex Template();
}
