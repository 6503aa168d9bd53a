using System.Text.RegularExpressions;
using CacheProxy.TestKit;
using YamlDotNet.RepresentationModel;

namespace CacheProxy.Architecture.Tests;

/// <summary>The files under docker/ refer to each other, to the sources and to ports: read here, because no container engine is needed for that.</summary>
public partial class ComposeFileTests
{
    private static readonly YamlMappingNode Services = Map(Load("compose.yml"), "services");

    [Fact]
    public void Compose_Services_AreTheSix()
        => Assert.Equal(["grafana", "inference", "prometheus", "proxy", "qdrant", "redis"], Names(Services).Order(StringComparer.Ordinal));

    [Fact]
    public void Compose_Images_ArePinnedToAVersion()
        => Findings.AssertNone(
            from service in Each(Services)
            where service.Value.Children.ContainsKey("image") && !PinnedImage().IsMatch(Text(service.Value, "image"))
            select $"{service.Name}: {Text(service.Value, "image")}");

    [Fact]
    public void Compose_Services_AreAskedAtTheirPortWhetherTheyAreWell()
        => Findings.AssertNone(
            from service in Each(Services)
            let check = service.Value.Children.ContainsKey("healthcheck") ? string.Join(' ', Texts(Map(service.Value, "healthcheck"), "test")) : ""
            let ports = Texts(service.Value, "expose").Concat(Texts(service.Value, "ports").Select(port => port.Split(':')[^1]))
            where !check.StartsWith("CMD ", StringComparison.Ordinal) || !(check.Contains("redis-cli ping", StringComparison.Ordinal) || ports.Any(port => check.Contains($"127.0.0.1/{port} ", StringComparison.Ordinal) || check.Contains($"127.0.0.1:{port}/", StringComparison.Ordinal)))
            select $"{service.Name}: {check}");

    [Fact]
    public void Compose_WaitsOnlyForServicesThatTheyAre()
        => Findings.AssertNone(
            from service in Each(Services)
            where service.Value.Children.ContainsKey("depends_on")
            from needed in Names(Map(service.Value, "depends_on"))
            where !Names(Services).Contains(needed)
            select $"{service.Name}: {needed}");

    [Fact]
    public void Compose_Builds_NameExistingFiles()
        => Findings.AssertNone(
            from service in Each(Services)
            where service.Value.Children.ContainsKey("build")
            let build = Map(service.Value, "build")
            let context = Path.Combine(Repository.File("docker"), Text(build, "context"))
            where !File.Exists(Path.Combine(context, Text(build, "dockerfile")))
            select service.Name);

    [Fact]
    public void Compose_MountedFiles_Exist()
        => Findings.AssertNone(
            from service in Each(Services)
            from volume in Texts(service.Value, "volumes")
            let source = volume.Split(':')[0]
            where source.StartsWith('.') ? !Path.Exists(Repository.File("docker", source)) : !Names(Map(Load("compose.yml"), "volumes")).Contains(source)
            select $"{service.Name}: {volume}");

    [Fact]
    public void Compose_Ports_ArePublishedOnLoopbackOnly()
        => Findings.AssertNone(
            from service in Each(Services)
            from port in Texts(service.Value, "ports")
            where !port.StartsWith("127.0.0.1:", StringComparison.Ordinal)
            select $"{service.Name}: {port}");

    [Fact]
    public void Compose_AddressesInTheEnvironment_LeadToAServiceAndItsPort()
    {
        string[] addresses = [.. Map(Map(Services, "proxy"), "environment").Children.Select(pair => ((YamlScalarNode)pair.Value).Value!)];
        Assert.Equal(3, addresses.Length);
        Findings.AssertNone(addresses.Where(address => !LeadsToAService(address)));
    }

    [Fact]
    public void Prometheus_Targets_LeadToAServiceAndItsPort()
    {
        var jobs = ((YamlSequenceNode)Load("prometheus.yml").Children["scrape_configs"]).Cast<YamlMappingNode>().ToList();
        string[] targets =
        [
            .. jobs.Where(job => job.Children.ContainsKey("static_configs"))
                .SelectMany(job => ((YamlSequenceNode)job.Children["static_configs"]).Cast<YamlMappingNode>()).SelectMany(config => Texts(config, "targets")),
            .. jobs.Where(job => job.Children.ContainsKey("dns_sd_configs"))
                .SelectMany(job => ((YamlSequenceNode)job.Children["dns_sd_configs"]).Cast<YamlMappingNode>())
                .SelectMany(config => Texts(config, "names").Select(name => $"{name}:{Text(config, "port")}")),
        ];
        Assert.Equal(jobs.Count, targets.Length);
        Findings.AssertNone(targets.Where(target => !LeadsToAService(target)));
    }

    [Theory]
    [InlineData("Dockerfile.proxy", "CacheProxy", "8080")]
    [InlineData("Dockerfile.inference", "CacheProxy.Inference.Server", "8081")]
    public void Dockerfile_PublishesAndStarts_OneProject(string name, string project, string port)
    {
        string[] lines = File.ReadAllLines(Repository.File("docker", name));
        Assert.Contains(lines, line => line.StartsWith($"RUN dotnet publish src/{project} ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("ENTRYPOINT", StringComparison.Ordinal) && line.Contains($"\"{project}.dll\"", StringComparison.Ordinal));
        Assert.Contains($"EXPOSE {port}", lines);
        Findings.AssertNone(lines.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[1]).Where(source => !Path.Exists(Repository.File(source))));
    }

    [Fact]
    public void GpuCompose_ChangesOnly_WhatComposeHas()
    {
        YamlMappingNode overlay = Map(Load("compose.gpu.yml"), "services");
        Assert.Equal(["inference"], Names(overlay));
        string dockerfile = File.ReadAllText(Repository.File("docker", "Dockerfile.inference"));
        Assert.All(Names(Map(Map(Map(overlay, "inference"), "build"), "args")), argument => Assert.Contains($"ARG {argument}=", dockerfile));
    }

    private static bool LeadsToAService(string address)
    {
        string[] parts = address[(address.LastIndexOf('/') + 1)..].Split(':');
        return parts.Length == 2 && Each(Services).Any(service => service.Name == parts[0]
            && (Texts(service.Value, "expose").Contains(parts[1]) || Texts(service.Value, "ports").Any(port => port.EndsWith(":" + parts[1], StringComparison.Ordinal))));
    }

    private static YamlMappingNode Load(string file)
    {
        var yaml = new YamlStream();
        using StreamReader reader = File.OpenText(Repository.File("docker", file));
        yaml.Load(reader);
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    private static YamlMappingNode Map(YamlMappingNode node, string key) => (YamlMappingNode)node.Children[key];

    private static string Text(YamlMappingNode node, string key) => ((YamlScalarNode)node.Children[key]).Value!;

    private static IEnumerable<string> Texts(YamlMappingNode node, string key)
        => node.Children.TryGetValue(key, out YamlNode? list) ? ((YamlSequenceNode)list).Select(item => ((YamlScalarNode)item).Value!) : [];

    private static IEnumerable<string> Names(YamlMappingNode node) => node.Children.Keys.Select(key => ((YamlScalarNode)key).Value!);

    private static IEnumerable<(string Name, YamlMappingNode Value)> Each(YamlMappingNode node)
        => node.Children.Select(pair => (((YamlScalarNode)pair.Key).Value!, (YamlMappingNode)pair.Value));

    [GeneratedRegex(@":v?\d+(\.\d+)+[\w.-]*$")]
    private static partial Regex PinnedImage();
}
