using System.Security.Cryptography;
using System.Text.Json;
using CacheProxy.TestKit;

namespace CacheProxy.Architecture.Tests;

/// <summary>config/models/models.json says what is bundled: every file with its size and hash, every model with its licence.</summary>
public class ModelManifestTests
{
    private static readonly JsonElement[] Models =
        [.. JsonDocument.Parse(File.ReadAllText(Repository.File("config", "models", "models.json"))).RootElement.GetProperty("models").EnumerateArray()];

    public static TheoryData<string, long, string> Files =>
        [.. Models.SelectMany(model => model.GetProperty("files").EnumerateArray()).Select(file => new TheoryDataRow<string, long, string>(
            file.GetProperty("file").GetString()!, file.GetProperty("bytes").GetInt64(), file.GetProperty("sha256").GetString()!))];

    [Theory]
    [MemberData(nameof(Files))]
    public void ModelFile_Content_MatchesTheManifest(string file, long bytes, string sha256)
    {
        using FileStream stream = File.OpenRead(Repository.File(["config", "models", .. file.Split('/')]));
        Assert.Equal(bytes, stream.Length);
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }

    [Fact]
    public void Models_Roles_AreOneOfEach()
        => Assert.Equal(["chat", "embedder", "static", "verifier"], Models.Select(model => model.GetProperty("role").GetString()).Order(StringComparer.Ordinal));

    [Fact]
    public void Models_Licences_AreStatedAndShipped()
        => Assert.All(Models, model =>
        {
            Assert.NotEmpty(model.GetProperty("licence").GetString()!);
            Assert.True(File.Exists(Repository.File("config", "models", model.GetProperty("name").GetString()!, "LICENSE")));
        });

    [Fact]
    public void ModelFolders_Files_AreAllInTheManifest()
    {
        string root = Repository.File("config", "models");
        IEnumerable<string> present = Directory.EnumerateDirectories(root).SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(root, path).Replace('\\', '/')).Where(path => Path.GetFileName(path) != "LICENSE");
        Assert.Equal(Files.Select(row => row.Data.Item1).Order(StringComparer.Ordinal), present.Order(StringComparer.Ordinal));
    }
}
