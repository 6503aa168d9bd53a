using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Readers;
using CacheProxy.Tests.Record;

namespace CacheProxy.Tests.Exchange.Readers;

/// <summary>The usage as it is read in passing is the usage that a reader of the whole answer finds.</summary>
public class UsageScannerTests
{
    private static IEnumerable<Recording> Recordings
        => Recording.Recorded().Concat(Recording.Pairs().SelectMany(pair => new[] { pair.Object, pair.Stream }));

    [Fact]
    public void EveryFixture_InAnyPieces_TellsWhatTheWholeAnswerTells()
    {
        var random = new Random(7);
        int told = 0;
        foreach (Recording recording in Recordings)
        {
            TokenCounts expected = AnswerReaders.TryRead(recording.Body)?.Tokens ?? TokenCounts.Unknown;
            told += expected.IsKnown ? 1 : 0;
            foreach (int most in new[] { int.MaxValue, 1, 2, 7, 64 })
            {
                TokenCounts actual = Scan(recording, random, most);
                // What is not said of the provider's cache is unknown here; an entry has it as none.
                actual = actual.IsKnown ? actual with { CachedRead = Math.Max(0, actual.CachedRead) } : actual;
                Assert.True(expected.IsKnown ? expected == actual : !actual.IsKnown, $"{recording.Name} in pieces of {most}: {expected} and {actual}");
            }
        }

        Assert.InRange(told, 40, 1000);
    }

    [Fact]
    public void EveryFixture_InPieces_TellsTheModel()
    {
        foreach (Recording recording in Recordings.Where(recording => AnswerReaders.TryRead(recording.Body) is not null))
        {
            var scanner = new UsageScanner(recording.Dialect, recording.IsStream);
            scanner.Pass(recording.Bytes);
            Assert.True(AnswerReaders.TryRead(recording.Body)!.Model == scanner.Model, $"{recording.Name}: {scanner.Model}");
        }
    }

    [Fact]
    public void RandomBytes_AreNoFault()
    {
        var random = new Random(8);
        byte[] alphabet = Encoding.UTF8.GetBytes("{}[]\",:\\\n usage\"usage\":{\"prompt_tokens\":1}data: [DONE]0e9null");
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. Enumerable.Range(0, random.Next(120)).Select(_ => random.Next(9) == 0 ? (byte)random.Next(256) : alphabet[random.Next(alphabet.Length)])];
            var scanner = new UsageScanner((Dialect)random.Next(5), random.Next(2) == 0);
            scanner.Pass(bytes);
            _ = scanner.Counts(isWhole: true);
        }
    }

    [Fact]
    public void CutStream_OfChat_TellsNothing()
    {
        // Each chunk tells what has been used so far: of a stream that was cut, nobody knows how much more was made.
        const string stream = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":1}}\n\n";
        UsageScanner scanner = Passed(Dialect.OpenAIChat, true, stream);

        Assert.False(scanner.Counts(isWhole: false).IsKnown);
        Assert.Equal((5, 1), (scanner.Counts(isWhole: true).Prompt, scanner.Counts(isWhole: true).Completion));
        scanner.Pass("data: [DONE]\n\n"u8);
        Assert.True(scanner.Counts(isWhole: false).IsKnown);
    }

    [Fact]
    public void CutStream_OfMessages_TellsNothingBeforeItsDelta()
    {
        UsageScanner scanner = Passed(Dialect.AnthropicMessages, true,
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"claude\",\"usage\":{\"input_tokens\":25,\"cache_read_input_tokens\":100,\"output_tokens\":1}}}\n\n");
        Assert.False(scanner.Counts(isWhole: false).IsKnown);

        scanner.Pass("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":15,\"input_tokens\":null}}\n\n"u8);

        TokenCounts counts = scanner.Counts(isWhole: false);
        Assert.Equal((125, 15, 100), (counts.Prompt, counts.Completion, counts.CachedRead));
    }

    [Theory]
    [InlineData("""{"tools":[{"parameters":{"properties":{"usage":{"prompt_tokens":9,"completion_tokens":9}}}}],"model":"m","choices":[]}""")]
    [InlineData("""{"choices":[{"message":{"content":"\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":9}"}}]}""")]
    [InlineData("""{"metadata":{"usage":{"prompt_tokens":9,"completion_tokens":9}}}""")]
    [InlineData("""{"usage":null,"a":{"prompt_tokens":9,"completion_tokens":9}}""")]
    [InlineData("""["usage",{"prompt_tokens":9,"completion_tokens":9}]""")]
    [InlineData("""{"response":{"usage":{"prompt_tokens":9,"completion_tokens":9}}}""")]
    public void UsageInOtherPlaces_IsNotTheAnswers(string json)
        => Assert.False(Passed(Dialect.OpenAIChat, false, json).HasUsage);

    [Fact]
    public void Usage_BehindAVectorOfNumbers_IsRead()
    {
        string json = $$"""{"object":"list","data":[{"embedding":[{{string.Join(',', Enumerable.Range(0, 3000))}}],"index":0}],"model":"e","usage":{"prompt_tokens":8,"total_tokens":8} }""";

        TokenCounts counts = Passed(Dialect.OpenAIEmbeddings, false, json).Counts(isWhole: true);

        Assert.Equal((8, 0), (counts.Prompt, counts.Completion));
    }

    [Fact]
    public void Usage_LargerThanItsRoom_IsUnknown()
        => Assert.False(Passed(Dialect.OpenAIChat, false, $$"""{"usage":{"prompt_tokens":1,"completion_tokens":1,"x":"{{new string('y', 20_000)}}"} }""").HasUsage);

    private static UsageScanner Passed(Dialect dialect, bool isStream, string text)
    {
        var scanner = new UsageScanner(dialect, isStream);
        scanner.Pass(Encoding.UTF8.GetBytes(text));
        return scanner;
    }

    private static TokenCounts Scan(Recording recording, Random random, int most)
    {
        var scanner = new UsageScanner(recording.Dialect, recording.IsStream);
        for (int at = 0; at < recording.Bytes.Length;)
        {
            int length = Math.Min(recording.Bytes.Length - at, most == int.MaxValue ? most : random.Next(1, most + 1));
            scanner.Pass(recording.Bytes.AsSpan(at, length));
            at += length;
        }

        return scanner.Counts(isWhole: true);
    }
}
