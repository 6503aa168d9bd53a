using CacheProxy.Tuning.Settings;

namespace CacheProxy.Tests.Tuning.Settings;

public sealed class SettingsFileTests
{
    [Fact]
    public void Replace_ALink_ChangesWhatItLeadsToAndKeepsItsMode()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("links need rights there");
            return;
        }

        using var file = new TemporaryFile("{}", "real.json");
        string link = Path.Combine(file.Folder, "link.json");
        File.CreateSymbolicLink(link, file.Path);
        File.SetUnixFileMode(file.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        SettingsFile.Replace(link, "{}", "{ }");

        Assert.Equal("{ }", File.ReadAllText(file.Path));
        Assert.NotNull(new FileInfo(link).LinkTarget);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(file.Path));
        Assert.Equal(2, Directory.GetFiles(file.Folder).Length);
    }

    [Fact]
    public void Replace_AByteOrderMark_Stays()
    {
        using var file = new TemporaryFile("");
        File.WriteAllBytes(file.Path, [0xEF, 0xBB, 0xBF, (byte)'{', (byte)'}']);

        SettingsFile.Replace(file.Path, "{}", "{ }");

        Assert.Equal([0xEF, 0xBB, 0xBF, (byte)'{', (byte)' ', (byte)'}'], File.ReadAllBytes(file.Path));
    }

    [Fact]
    public void Replace_ChangedMeanwhile_WritesNothing()
    {
        using var file = new TemporaryFile("""{ "A": 2 }""");

        Assert.Throws<IOException>(() => SettingsFile.Replace(file.Path, """{ "A": 1 }""", "{}"));

        Assert.Equal("""{ "A": 2 }""", File.ReadAllText(file.Path));
        Assert.Single(Directory.GetFiles(file.Folder));
    }
}
