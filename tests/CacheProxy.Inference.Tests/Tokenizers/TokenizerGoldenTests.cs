using System.Text.Json;
using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Templates;
using CacheProxy.Inference.Tests.Execution;
using CacheProxy.Inference.Tests.Weights;
using CacheProxy.Inference.Tokenizers;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Inference.Tests.Tokenizers;

/// <summary>108 strings and some conversations per tokenizer, against the reference library's ids and texts.</summary>
public sealed class TokenizerGoldenTests
{
    private sealed record Line(string Text, int[] Ids, int[] IdsWithSpecial, string Decoded, string DecodedSkipSpecial, int[]? SentencepieceIds);

    private sealed record Chat(JsonElement Messages, bool AddGenerationPrompt, string Text, int[] Ids);

    [Theory]
    [InlineData("llama-gqa")]
    [InlineData("qwen2")]
    [InlineData("mistral-swa")]
    public void Encode_TokenizerJson_GivesTheReferencesIds(string model)
    {
        ModelTokenizer sut = HuggingFaceTokenizer.Read(Fixture.Path(model));
        Assert.All(Lines(model), line =>
        {
            int[] ids = sut.Tokenizer.Encode(line.Text, parseSpecial: true);
            Assert.Equal(line.Ids, ids);
            Assert.Equal(line.IdsWithSpecial, sut.Prefix.Concat(ids).Concat(sut.Suffix));
        });
    }

    [Theory]
    [InlineData("llama-gqa")]
    [InlineData("qwen2")]
    [InlineData("mistral-swa")]
    public void Decode_TokenizerJson_GivesTheReferencesText(string model)
    {
        // The reference takes away the space that stands in front of every text; a server must not, since an answer goes on behind its prompt.
        string Trimmed(string text) => model == "mistral-swa" && text.StartsWith(' ') ? text[1..] : text;
        ModelTokenizer sut = HuggingFaceTokenizer.Read(Fixture.Path(model));
        Assert.All(Lines(model), line =>
        {
            Assert.Equal(line.Decoded, Trimmed(sut.Tokenizer.Decode(line.Ids)));
            Assert.Equal(line.DecodedSkipSpecial, Trimmed(sut.Tokenizer.Decode(line.Ids, skipControl: true)));
        });
    }

    [Fact]
    public void Encode_SentencePieceInGguf_GivesTheOriginalLibrarysIds()
    {
        using GgufFile file = GgufFile.Open(TinyModels.Path("llama-mqa-f16.gguf"));
        ModelTokenizer sut = GgufTokenizer.Read(file);
        Assert.Equal([1], sut.Prefix);
        Assert.Contains(2, sut.Ends);
        Assert.All(Lines("mistral-swa"), line => Assert.Equal(line.SentencepieceIds, sut.Tokenizer.Encode(line.Text)));
    }

    [Theory]
    [InlineData("llama-gqa-f16.gguf", "llama-gqa")]
    [InlineData("qwen2-gguf/model-bf16.gguf", "qwen2")]
    public void Encode_ByteLevelInGguf_GivesTheReferencesIds(string file, string model)
    {
        using GgufFile opened = GgufFile.Open(TinyFolder.Find(file));
        ModelTokenizer sut = GgufTokenizer.Read(opened);
        Assert.All(Lines(model), line => Assert.Equal(line.IdsWithSpecial, sut.Prefix.Concat(sut.Tokenizer.Encode(line.Text, parseSpecial: true))));
    }

    [Theory]
    [InlineData("llama-gqa")]
    [InlineData("qwen2")]
    [InlineData("mistral-swa")]
    public void Chat_OwnTemplate_GivesTheReferencesTextAndIds(string model)
    {
        ModelTokenizer sut = HuggingFaceTokenizer.Read(Fixture.Path(model));
        ChatTemplate template = ChatTemplate.Parse(sut.ChatTemplate!, sut.BeginText, sut.EndText);
        var encoder = new PromptEncoder(sut.Tokenizer);
        Assert.All(Fixture.ReadLines<Chat>(model + "/chat-golden.jsonl"), golden =>
        {
            ChatPrompt prompt = template.Render(new ChatTemplateInput
            {
                Messages = [.. golden.Messages.EnumerateArray().Select(turn => new ChatMessage(turn.GetProperty("role").GetString()!, turn.GetProperty("content").GetString()))],
                AddGenerationPrompt = golden.AddGenerationPrompt,
            });
            Assert.Equal(golden.Text, prompt.Text);
            Assert.Equal(golden.Ids, encoder.Encode(prompt));
        });
    }

    [Theory]
    [InlineData("llama-gqa", 507, "<|begin_of_text|>", "<|end_of_text|>")]
    [InlineData("qwen2", 508, "", "<|im_end|>")]
    [InlineData("mistral-swa", 2, "<s>", "</s>")]
    public void Read_Folder_FindsEndsAndTheirTexts(string model, int end, string beginText, string endText)
    {
        ModelTokenizer sut = HuggingFaceTokenizer.Read(Fixture.Path(model));
        Assert.Equal((beginText, endText), (sut.BeginText, sut.EndText));
        Assert.Equal([end], sut.Ends);
    }

    private static Line[] Lines(string model)
    {
        Line[] lines = [.. Fixture.ReadLines<Line>(model + "/tokenizer-golden.jsonl")];
        Assert.Equal(108, lines.Length);
        return lines;
    }
}
