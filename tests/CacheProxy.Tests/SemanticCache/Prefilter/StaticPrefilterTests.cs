using System.Globalization;
using CacheProxy.Exchange;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Index;
using CacheProxy.SemanticCache.Prefilter;
using CacheProxy.TestKit;
using CacheProxy.Tests.SemanticCache.Index;

namespace CacheProxy.Tests.SemanticCache.Prefilter;

public sealed class StaticPrefilterTests : IDisposable
{
    private const float Cut = 0.7f;

    private static readonly Fingerprint256 Partition = RandomVectors.Fingerprint(77);

    private readonly FakeTimeProvider _time = new();
    private readonly StaticPrefilter _sut;
    private readonly MemoryVectorIndex _index;

    public StaticPrefilterTests()
    {
        _sut = new StaticPrefilter(new FakeStaticEmbedder(), _time);
        _index = new MemoryVectorIndex(64, 1 << 20, _time) { Mirror = _sut };
    }

    [Fact]
    public void RulesOut_EmptyPartition_IsTrue() => Assert.True(_sut.RulesOut(Partition, "1", Cut));

    [Fact]
    public void RulesOut_RandomQuestions_AgreesWithEveryCosine()
    {
        for (int i = 0; i < 60; i++)
        {
            Insert(i);
        }

        int ruledOut = 0;
        for (int asked = 1000; asked < 1200; asked++)
        {
            float nearest = Enumerable.Range(0, 60).Max(i => RandomVectors.Cosine(Vector(i), Vector(asked)));
            // One part in a hundred is what the codes of eight bits may be off.
            if (Math.Abs(nearest - Cut) > 0.01f)
            {
                bool isOut = _sut.RulesOut(Partition, Text(asked), Cut);
                Assert.Equal(nearest < Cut, isOut);
                ruledOut += isOut ? 1 : 0;
            }
        }

        Assert.InRange(ruledOut, 20, 180);
    }

    [Fact]
    public async Task RulesOut_QuestionRemovedReplacedOrExpired_FollowsTheIndex()
    {
        Insert(1);
        Assert.False(_sut.RulesOut(Partition, "1", Cut));

        _index.Remove(Partition, RandomVectors.Fingerprint(1));
        Assert.True(_sut.RulesOut(Partition, "1", Cut));

        Insert(1);
        await _index.RemoveAsync([RandomVectors.Fingerprint(1)], CancellationToken.None);
        Assert.Equal(0, _sut.Count);

        Insert(1);
        _time.Advance(TimeSpan.FromHours(2));
        _index.RemoveExpired();
        Assert.Equal(0, _sut.Count);
    }

    [Fact]
    public void Count_IndexIsFull_StaysThatOfTheIndex()
    {
        for (int i = 0; i < 8000; i++)
        {
            Insert(i);
        }

        Assert.InRange(_index.Count, 100, 7999);
        Assert.Equal(_index.Count, _sut.Count);
    }

    [Fact]
    public void RulesOut_WordsNotKnown_StepsAside()
    {
        Assert.False(_sut.RulesOut(Partition, "?", Cut));

        Insert(5, "?");
        Assert.False(_sut.RulesOut(Partition, "1", Cut));
        Assert.True(_sut.RulesOut(RandomVectors.Fingerprint(78), "1", Cut));

        _index.Remove(Partition, RandomVectors.Fingerprint(5));
        Assert.True(_sut.RulesOut(Partition, "1", Cut));
    }

    [Fact]
    public void RulesOut_QuestionWithoutVectorReplacedByOneWithIt_SeesAgain()
    {
        Insert(5, "?");
        Insert(5, "6");

        Assert.False(_sut.RulesOut(Partition, "6", Cut));
        Assert.Equal(1, _sut.Count);
        Insert(5, "?");
        Assert.Equal(0, _sut.Count);
    }

    [Fact]
    public void RulesOut_ConversationBesideTheQuestion_IsNotRead()
    {
        Insert(1, "1\u001E[\"qearlier\"]");

        Assert.False(_sut.RulesOut(Partition, "1", Cut));
    }

    public void Dispose()
    {
        _index.Dispose();
        _sut.Dispose();
    }

    private void Insert(int number, string? text = null) => _index.Upsert(
        new IndexedQuestion(Partition, RandomVectors.Fingerprint(number), text ?? Text(number), _time.GetUtcNow().AddHours(1)), RandomVectors.Unit(new Random(number), 64));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static float[] Vector(int number) => FakeStaticEmbedder.Vector(Text(number));
}
