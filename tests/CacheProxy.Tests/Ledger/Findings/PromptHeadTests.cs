using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Ledger.Findings;

namespace CacheProxy.Tests.Ledger.Findings;

public class PromptHeadTests
{
    [Theory]
    [InlineData(Dialect.OpenAIChat, """{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"a\nb"}]}],"tools":[{"type":"function"}]}""", "function\nsystem\ns\nuser\ntext\na\nb\n")]
    [InlineData(Dialect.AnthropicMessages, """{"messages":[{"role":"user","content":"q"}],"system":"rules","model":"m"}""", "rules\nuser\nq\n")]
    [InlineData(Dialect.OpenAIResponses, """{"input":"q\u00e9","instructions":"rules"}""", "rules\nqé\n")]
    [InlineData(Dialect.OpenAICompletions, """{"prompt":"go on"}""", "go on\n")]
    [InlineData(Dialect.OpenAICompletions, """{"prompt":[1,2,3],"suffix":"x"}""", "")]
    [InlineData(Dialect.OpenAIChat, """{"model":"m"}""", "")]
    public void Read_Prompts_GivesTheirTextsInTheOrderOfTheModel(Dialect dialect, string body, string expected)
    {
        byte[] head = new byte[PromptHead.MostBytes];

        int length = PromptHead.Read(Encoding.UTF8.GetBytes(body), dialect, head, out long textBytes);

        Assert.Equal(expected, Encoding.UTF8.GetString(head, 0, length));
        Assert.Equal(expected.Length == 0, textBytes == 0);
    }

    [Fact]
    public void Read_LongPrompt_GivesItsBeginningAndCountsAll()
    {
        string text = new('é', 9000);
        byte[] head = new byte[PromptHead.MostBytes];

        int length = PromptHead.Read(Encoding.UTF8.GetBytes($$"""{"messages":[{"role":"user","content":"{{text}}"},{"role":"assistant","content":"more"}]}"""), Dialect.OpenAIChat, head, out long textBytes);

        Assert.Equal(PromptHead.MostBytes, length);
        Assert.Equal(5 + 18001 + 10 + 5, textBytes);
    }
}
