using System.Text;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;

namespace CacheProxy.Inference.Tests.Scheduling;

public sealed class GenerationStreamTests
{
    private static readonly GenerationEvent.Finished End = new(FinishReason.Stop, new GenerationUsage(1, 0, 3));

    [Fact]
    public void TryRead_PiecesWritten_ComeOneByOneInOrder()
    {
        var stream = new GenerationStream();
        var logProb = new TokenLogProb(7, [65], -0.5f, []);
        stream.Write("one ", null);
        stream.Write("", null);
        stream.Write("", logProb);
        stream.Write("two", logProb);
        stream.Finish(End);

        Assert.Equal([("one ", 0), ("", 1), ("two", 1)], Enumerable.Range(0, 3).Select(_ => Describe(stream)));
        Assert.False(stream.Completion.IsCompleted);
        Assert.True(stream.TryRead(out GenerationEvent? last));
        Assert.Same(End, last);
        Assert.False(stream.TryRead(out _));
        Assert.True(stream.Completion.IsCompleted);
    }

    [Fact]
    public async Task ReadAllAsync_WriterOnAnotherThread_GetsEverything()
    {
        var stream = new GenerationStream();
        var random = new Random(5);
        string[] pieces = [.. Enumerable.Range(0, 5000).Select(i => new string((char)('a' + (i % 26)), 1 + random.Next(40)))];
        var writer = Task.Run(
            () =>
            {
                foreach (string piece in pieces)
                {
                    stream.Write(piece, null);
                }

                stream.Finish(End);
            },
            TestContext.Current.CancellationToken);

        var read = new StringBuilder();
        int ends = 0;
        await foreach (GenerationEvent item in stream.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            read.Append((item as GenerationEvent.Delta)?.Text);
            ends += item is GenerationEvent.Finished ? 1 : 0;
        }

        await writer;
        Assert.Equal(string.Concat(pieces), read.ToString());
        Assert.Equal(1, ends);
    }

    [Fact]
    public void Write_WhatWasReadMakesRoom_AllocatesNothing()
    {
        var stream = new GenerationStream();
        long allocated = 0;
        for (int i = 0; i < 2000; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            stream.Write("some text", null);
            stream.Write("more", null);
            allocated += i < 100 ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(stream.TryRead(out _));
            Assert.True(stream.TryRead(out _) || i == 0);
        }

        Assert.Equal(0, allocated);
    }

    private static (string Text, int LogProbs) Describe(GenerationStream stream)
    {
        Assert.True(stream.TryRead(out GenerationEvent? item));
        var delta = Assert.IsType<GenerationEvent.Delta>(item);
        return (delta.Text, delta.Tokens.Count);
    }
}
