using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Readers;
using CacheProxy.Exchange.Replay;
using CacheProxy.Stores.Codec;
using CacheProxy.Tests.Record;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Exchange.Answers;

/// <summary>What an answer says once its events are not kept beside its body any more.</summary>
public sealed class CanonicalAnswerTests
{
    [Fact]
    public void WithoutList_OfEveryRecording_SaysTheSame()
    {
        int checkedAnswers = 0;
        foreach (Recording recording in Recording.Recorded())
        {
            if (AnswerReaders.TryRead(recording.Body) is not { } listed)
            {
                continue;
            }

            CanonicalAnswer lean = listed.WithoutList();

            Assert.Null(lean.ListedEvents);
            Assert.Equal((listed.Traits, listed.Tokens), (lean.Traits, lean.Tokens));
            Assert.Equal(listed.Events, lean.Events);
            foreach (Dialect dialect in Enum.GetValues<Dialect>())
            {
                Assert.Equal(AnswerWriters.CanWrite(listed, dialect, true, true), AnswerWriters.CanWrite(lean, dialect, true, true));
            }

            checkedAnswers++;
        }

        Assert.True(checkedAnswers > 10, $"{checkedAnswers} recordings");
    }

    [Fact]
    public void Events_OfABodyThatCannotBeRead_AreNoneAndGoNowhereElse()
    {
        var body = new RecordedBody(Dialect.OpenAIChat, false, false, "application/json", Encoding.UTF8.GetBytes("no answer"));
        var answer = new CanonicalAnswer { UpstreamId = "x", Model = "m", CreatedUnixSeconds = 0, Body = body };

        Assert.Empty(answer.Events);
        Assert.False(AnswerWriters.CanWrite(answer, Dialect.AnthropicMessages, false, true));
        Assert.True(AnswerWriters.CanWrite(answer, Dialect.OpenAIChat, false, true));
    }

    [Fact]
    public void EntrySize_WithoutList_CountsTheBodyOnce()
    {
        CacheEntry listed = SampleEntries.Plain(1);
        CacheEntry lean = listed with { Answer = listed.Answer.WithoutList() };

        Assert.True(EntrySize.Estimate(lean) < EntrySize.Estimate(listed));
        Assert.True(EntrySize.Estimate(lean) > lean.Answer.Body.Bytes.Length);
    }
}
