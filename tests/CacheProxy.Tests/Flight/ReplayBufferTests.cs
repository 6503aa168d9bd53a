using System.Buffers;
using CacheProxy.Flight;

namespace CacheProxy.Tests.Flight;

public class ReplayBufferTests
{
    private readonly ReplayBuffer _sut = new();

    [Fact]
    public async Task Readers_AtTheirOwnPace_AllGetEveryByte()
    {
        byte[] bytes = new byte[300_000];
        new Random(1).NextBytes(bytes);
        Task<byte[]>[] readers = [.. Enumerable.Range(0, 8).Select(i => Task.Run(() => ReadAsync(_sut.Begin()!, i)))];

        var sizes = new Random(2);
        for (int at = 0; at < bytes.Length;)
        {
            int count = Math.Min(sizes.Next(1, 5000), bytes.Length - at);
            _sut.Append(bytes.AsSpan(at, count));
            at += count;
        }

        byte[] late = [.. ReadAll(_sut.Begin()!)];
        _sut.Complete();

        Assert.All(await Task.WhenAll(readers), read => Assert.Equal(bytes, read));
        Assert.Equal(bytes, late);
        Assert.Equal(bytes, _sut.ToSequence().ToArray());
    }

    [Fact]
    public void Read_OfNothingYet_WaitsForTheNextByte()
    {
        ReplayBuffer.Cursor cursor = _sut.Begin()!;

        Assert.True(_sut.Read(cursor, out Task? wait).IsEmpty);
        Assert.False(wait!.IsCompleted);
        _sut.Append([1]);
        Assert.True(wait.IsCompleted);
        Assert.Equal([1], _sut.Read(cursor, out _).ToArray());
    }

    [Fact]
    public void Read_AfterTheEnd_WaitsForNothing()
    {
        ReplayBuffer.Cursor cursor = _sut.Begin()!;
        _sut.Complete();

        Assert.True(_sut.Read(cursor, out Task? wait).IsEmpty);
        Assert.Null(wait);
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(5, 3)]
    [InlineData(5, 300_000)]
    [InlineData(200_000, 200_000)]
    [InlineData(0, 5)]
    public void Expect_MoreOrLessThanComes_GivesTheSameBytes(long expected, int count)
    {
        ReplayBuffer.Cursor early = _sut.Begin()!;
        byte[] bytes = new byte[count];
        new Random(3).NextBytes(bytes);

        _sut.Expect(expected);
        _sut.Append(bytes.AsSpan(0, count / 2));
        _sut.Append(bytes.AsSpan(count / 2));
        _sut.Complete();

        Assert.Equal(bytes, ReadAll(early));
        Assert.Equal(bytes, _sut.ToSequence().ToArray());
        Assert.Equal(expected == count && count < 65_536, _sut.ToSequence().IsSingleSegment && _sut.ToSequence().First.Length == expected);
    }

    [Fact]
    public void Empty_IsAnEmptySequence() => Assert.True(_sut.ToSequence().IsEmpty);

    [Fact]
    public void StopKeeping_LetsThoseInTheMiddleGoOnAndNobodyBegin()
    {
        ReplayBuffer.Cursor cursor = _sut.Begin()!;
        _sut.Append(new byte[100_000]);
        _sut.StopKeeping();
        _sut.Append(new byte[100_000]);

        Assert.Null(_sut.Begin());
        Assert.Equal(200_000, ReadAll(cursor).Count());
        Assert.True(_sut.ToSequence().IsEmpty);
    }

    private async Task<byte[]> ReadAsync(ReplayBuffer.Cursor cursor, int pause)
    {
        var read = new List<byte>();
        while (true)
        {
            ReadOnlyMemory<byte> bytes = _sut.Read(cursor, out Task? wait);
            read.AddRange(bytes.Span);
            if (bytes.IsEmpty && wait is null)
            {
                return [.. read];
            }

            for (int i = 0; i < pause; i++)
            {
                await Task.Yield();
            }

            await (wait ?? Task.CompletedTask);
        }
    }

    private IEnumerable<byte> ReadAll(ReplayBuffer.Cursor cursor)
    {
        for (ReadOnlyMemory<byte> bytes = _sut.Read(cursor, out _); !bytes.IsEmpty; bytes = _sut.Read(cursor, out _))
        {
            foreach (byte b in bytes.ToArray())
            {
                yield return b;
            }
        }
    }
}
