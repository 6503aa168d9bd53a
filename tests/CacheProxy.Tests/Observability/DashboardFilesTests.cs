using System.Text.Json;
using System.Text.RegularExpressions;
using CacheProxy.TestKit;
using YamlDotNet.RepresentationModel;

namespace CacheProxy.Tests.Observability;

/// <summary>Grafana's dashboards as Grafana reads them: what it would mend, refuse or draw wrongly without a word.</summary>
public sealed partial class DashboardFilesTests
{
    // Ids of Grafana's units that ours use; another one would be drawn as text behind the number.
    private static readonly string[] Units = ["short", "percentunit", "s", "bytes", "ops", "reqps", "currencyUSD"];

    private static readonly string[] PanelTypes = ["timeseries", "stat", "table", "heatmap", "bargauge"];

    // Grafana's own; the others are the dashboard's.
    private static readonly string[] Variables = ["__rate_interval", "__range", "__value", "__all"];

    public static TheoryData<string> Names => [.. MonitoringFiles.Dashboards];

    [Fact]
    public void Dashboards_HaveIdsOfTheirOwn()
        => Assert.Equal(MonitoringFiles.Dashboards.Length, MonitoringFiles.Dashboards.Select(name => MonitoringFiles.Board(name).GetProperty("uid").GetString()).Distinct().Count());

    [Theory]
    [MemberData(nameof(Names))]
    public void Dashboard_HasWhatGrafanaNeeds(string name)
    {
        JsonElement board = MonitoringFiles.Board(name);
        // What Grafana 11 and 12 write; older ones are changed on import.
        Assert.InRange(board.GetProperty("schemaVersion").GetInt32(), 39, 41);
        Assert.InRange(board.GetProperty("uid").GetString()!.Length, 1, 40);
        Assert.False(board.TryGetProperty("id", out _), "an id belongs to one installation");
        JsonElement[] panels = [.. board.GetProperty("panels").EnumerateArray()];
        Assert.Equal(panels.Length, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.Equal(panels.Length, panels.Select(panel => panel.GetProperty("title").GetString()).Distinct().Count());
        Assert.All(panels, AssertPanel);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Dashboard_PanelsLieBesideEachOther(string name)
    {
        var taken = new Dictionary<(int X, int Y), string>();
        foreach (JsonElement panel in MonitoringFiles.Board(name).GetProperty("panels").EnumerateArray())
        {
            string title = panel.GetProperty("title").GetString()!;
            (int x, int y, int width, int height) = PlaceOf(panel);
            Assert.True(x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 24, title);
            for (int cell = 0; cell < width * height; cell++)
            {
                (int X, int Y) at = (x + (cell % width), y + (cell / width));
                Assert.True(taken.TryAdd(at, title), $"{title} lies over another");
            }
        }

        // Nothing floats: Grafana would move it up.
        Assert.All(taken, cell => Assert.True(cell.Key.Y == 0 || taken.ContainsKey((cell.Key.X, cell.Key.Y - 1)), cell.Value));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Dashboard_UsesOnlyVariablesThatThereAre(string name)
    {
        JsonElement board = MonitoringFiles.Board(name);
        string[] own = [.. board.GetProperty("templating").GetProperty("list").EnumerateArray().Select(variable => variable.GetProperty("name").GetString()!)];
        Assert.Equal("datasource", own[0]);
        Assert.Empty(Variable().Matches(board.GetRawText()).Select(match => match.Groups[1].Value).Except([.. own, .. Variables]));
    }

    [Fact]
    public void Provisioning_LeadsToTheDashboardsAndTheDataSource()
    {
        string compose = File.ReadAllText(Repository.File("docker", "compose.yml"));
        string folder = (string)First("dashboards.yml", "providers")["options"]["path"]!;
        Assert.Contains($"../config/grafana:{folder}:ro", compose, StringComparison.Ordinal);
        YamlNode source = First("datasource.yml", "datasources");
        Assert.Equal(("prometheus", "http://prometheus:9090", "true"), ((string)source["type"]!, (string)source["url"]!, (string)source["isDefault"]!));
    }

    private static void AssertPanel(JsonElement panel)
    {
        Assert.Contains(panel.GetProperty("type").GetString(), PanelTypes);
        Assert.Contains(panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString(), Units);
        JsonElement[] targets = [.. panel.GetProperty("targets").EnumerateArray()];
        Assert.NotEmpty(targets);
        Assert.Equal(targets.Length, targets.Select(target => target.GetProperty("refId").GetString()).Distinct().Count());
        Assert.All((JsonElement[])[panel, .. targets], item => Assert.Equal(
            ("prometheus", "${datasource}"), (item.GetProperty("datasource").GetProperty("type").GetString(), item.GetProperty("datasource").GetProperty("uid").GetString())));
    }

    private static (int X, int Y, int Width, int Height) PlaceOf(JsonElement panel)
    {
        JsonElement place = panel.GetProperty("gridPos");
        return (place.GetProperty("x").GetInt32(), place.GetProperty("y").GetInt32(), place.GetProperty("w").GetInt32(), place.GetProperty("h").GetInt32());
    }

    private static YamlNode First(string file, string list)
    {
        var yaml = new YamlStream();
        using StreamReader reader = File.OpenText(Repository.File("docker", "grafana", file));
        yaml.Load(reader);
        return Assert.Single((YamlSequenceNode)yaml.Documents[0].RootNode[list]);
    }

    [GeneratedRegex(@"\$\{?([a-z_]+)")]
    private static partial Regex Variable();
}
