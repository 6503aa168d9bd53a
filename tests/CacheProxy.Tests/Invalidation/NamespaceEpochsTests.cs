using CacheProxy.Invalidation;
using CacheProxy.TestKit;
using CacheProxy.Tests.Stores;
using CacheProxy.Tests.Stores.Sqlite;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Invalidation;

public sealed class NamespaceEpochsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(SampleEntries.Start);
    private readonly RecordedLog<NamespaceEpochs> _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Bump_RaisesThatNamespaceAndSurvivesARestart()
    {
        NamespaceEpochs sut = CreateSut();

        Assert.Equal((1, true), sut.Bump("kb"));
        Assert.Equal((2, true), sut.Bump("kb"));

        Assert.Equal((2, 0), (sut.Of("kb"), sut.Of("other")));
        Assert.Equal((2, 0), (CreateSut().Of("kb"), CreateSut().Of("other")));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void Merge_TakesWhatIsHigherOnly()
    {
        NamespaceEpochs sut = CreateSut();
        sut.Bump("a");
        sut.Bump("a");

        sut.Merge([KeyValuePair.Create("a", 1), KeyValuePair.Create("b", 5)]);

        Assert.Equal((2, 5), (sut.Of("a"), sut.Of("b")));
        Assert.Equal(5, CreateSut().Of("b"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"floor\":0}")]
    [InlineData("{\"floor\":-1,\"epochs\":{}}")]
    [InlineData("{\"floor\":0,\"epochs\":{\"kb\":")]
    public void File_Damaged_PutsEverythingOutOfReach(string content)
    {
        NamespaceEpochs before = CreateSut();
        before.Bump("kb");
        File.WriteAllText(_folder.File("epochs.json"), content);

        NamespaceEpochs sut = CreateSut();

        Assert.True(sut.Of("kb") > before.Of("kb"));
        Assert.True(sut.Of("never bumped") > 0);
        Assert.Equal(sut.Of("kb") + 1, sut.Bump("kb").Epoch);
        Assert.Equal([LogLevel.Warning], _log.Levels);
        Assert.Equal(sut.Of("never bumped"), CreateSut().Of("never bumped"));
    }

    [Fact]
    public void File_NotWritable_BumpsAllTheSameAndSaysSo()
    {
        NamespaceEpochs sut = CreateSut();
        File.WriteAllText(_folder.FolderPath, "in the way");

        Assert.Equal((1, false), sut.Bump("kb"));
        Assert.Equal(1, sut.Of("kb"));
        Assert.Equal([LogLevel.Error], _log.Levels);
    }

    private NamespaceEpochs CreateSut() => new(new EpochFile(_folder.FolderPath, _time), _log);
}
