using System.Security.Cryptography;
using System.Text;
using CacheProxy.Onnx.Models;
using CacheProxy.Onnx.Tests.Support;

namespace CacheProxy.Onnx.Tests.Models;

public sealed class ModelManifestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Verify_BundledModels_Passes()
    {
        BundledModels.Manifest.Verify();
        Assert.Equal([ModelRole.Chat, ModelRole.Embedder, ModelRole.Static, ModelRole.Verifier], BundledModels.Manifest.Models.Select(m => m.Role).Order());
        Assert.All(BundledModels.Manifest.Models, m => Assert.NotEmpty(m.Licence));
    }

    [Fact]
    public void Verify_IntactFile_Passes()
    {
        _folder.Write("m/a.bin", "abc");
        CreateSut("abc").Verify();
    }

    [Fact]
    public void Verify_ChangedFile_NamesItWithBothHashes()
    {
        string path = _folder.Write("m/a.bin", "abd");
        var error = Assert.Throws<ModelFileException>(CreateSut("abc").Verify);
        Assert.Contains(path, error.Message);
        Assert.Contains(Sha256("abc"), error.Message);
        Assert.Contains(Sha256("abd"), error.Message);
    }

    [Fact]
    public void Verify_CutFile_NamesBothSizesAndTheHash()
    {
        string path = _folder.Write("m/a.bin", "ab");
        var error = Assert.Throws<ModelFileException>(CreateSut("abc").Verify);
        Assert.Contains($"{path} has 2 bytes, expected 3", error.Message);
        Assert.Contains(Sha256("abc"), error.Message);
    }

    [Fact]
    public void Verify_MissingFile_NamesItWithTheExpectedHash()
    {
        var error = Assert.Throws<ModelFileException>(CreateSut("abc").Verify);
        Assert.Contains(Path.Combine("m", "a.bin"), error.Message);
        Assert.Contains("is missing", error.Message);
        Assert.Contains(Sha256("abc"), error.Message);
    }

    [Fact]
    public void ForRole_AbsentRole_NamesIt()
    {
        var error = Assert.Throws<ModelFileException>(() => CreateSut("abc").ForRole(ModelRole.Verifier));
        Assert.Contains("verifier", error.Message);
    }

    [Fact]
    public void PathOf_ListedAndUnlistedFile_GivesThePathOrNamesTheFile()
    {
        ModelManifest sut = CreateSut("abc");
        Assert.Equal(Path.Combine(_folder.Path, "m", "a.bin"), sut.PathOf(sut.ForRole(ModelRole.Chat), ".bin"));
        Assert.Contains(".gguf", Assert.Throws<ModelFileException>(() => sut.PathOf(sut.ForRole(ModelRole.Chat), ".gguf")).Message);
    }

    [Theory]
    [InlineData("../a.bin")]
    [InlineData("/etc/passwd")]
    [InlineData("m/../../a.bin")]
    public void Load_FileOutsideTheFolder_IsRefused(string file)
    {
        _folder.Write("models.json", Json(file, 3, Sha256("abc")));
        Assert.Contains(file, Assert.Throws<ModelFileException>(() => ModelManifest.Load(_folder.Path)).Message);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"models":[{"name":"x","role":"cook","licence":"","source":"","files":[]}]}""")]
    public void Load_MalformedManifest_NamesIt(string content)
    {
        string path = _folder.Write("models.json", content);
        Assert.Contains(path, Assert.Throws<ModelFileException>(() => ModelManifest.Load(_folder.Path)).Message);
    }

    [Fact]
    public void Load_NoManifest_NamesIt() =>
        Assert.Contains("models.json", Assert.Throws<ModelFileException>(() => ModelManifest.Load(_folder.Path)).Message);

    [Fact]
    public void Load_HashOfWrongForm_IsRefused()
    {
        _folder.Write("models.json", Json("m/a.bin", 3, "ABC"));
        Assert.Throws<ModelFileException>(() => ModelManifest.Load(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();

    private ModelManifest CreateSut(string expectedContent)
    {
        _folder.Write("models.json", Json("m/a.bin", expectedContent.Length, Sha256(expectedContent)));
        return ModelManifest.Load(_folder.Path);
    }

    private static string Json(string file, long bytes, string sha256) =>
        $$"""{"models":[{"name":"m","role":"chat","licence":"CC0","source":"here","files":[{"file":"{{file}}","bytes":{{bytes}},"sha256":"{{sha256}}"}]}]}""";

    private static string Sha256(string content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));
}
