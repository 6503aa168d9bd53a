using System.Text.Json;
using CacheProxy.TestKit;
using YamlDotNet.RepresentationModel;

namespace CacheProxy.Tests.Observability;

/// <summary>What ships for Grafana and Prometheus, as far as tests look at it.</summary>
internal static class MonitoringFiles
{
    public static readonly string[] Dashboards = [.. Directory.EnumerateFiles(Repository.File("config", "grafana"), "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    public static readonly string RulesFile = Repository.File("config", "prometheus", "cacheproxy.rules.yml");

    public static readonly string RuleTestsFile = Repository.File("config", "prometheus", "cacheproxy.rules.test.yml");

    public static JsonElement Board(string name) => JsonDocument.Parse(File.ReadAllText(Repository.File("config", "grafana", name + ".json"))).RootElement;

    public static IEnumerable<(string Title, string Expr, string Legend)> Targets(string name)
        => from panel in Board(name).GetProperty("panels").EnumerateArray()
           from target in panel.GetProperty("targets").EnumerateArray()
           select (panel.GetProperty("title").GetString()!, target.GetProperty("expr").GetString()!, target.GetProperty("legendFormat").GetString()!);

    public static List<(string Name, bool IsAlert, string Expr, string Annotations)> Rules()
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

    /// <summary>Alerts that promtool's tests expect at some time, and not at another.</summary>
    public static (HashSet<string> Firing, HashSet<string> Silent) TestedAlerts()
    {
        var yaml = new YamlStream();
        using StreamReader reader = File.OpenText(RuleTestsFile);
        yaml.Load(reader);
        ILookup<bool, string> tested = ((YamlSequenceNode)yaml.Documents[0].RootNode["tests"]).Cast<YamlMappingNode>()
            .Where(test => test.Children.ContainsKey("alert_rule_test"))
            .SelectMany(test => (YamlSequenceNode)test["alert_rule_test"])
            .ToLookup(test => ((YamlSequenceNode)test["exp_alerts"]).Any(), test => (string)test["alertname"]!);
        return ([.. tested[true]], [.. tested[false]]);
    }
}
