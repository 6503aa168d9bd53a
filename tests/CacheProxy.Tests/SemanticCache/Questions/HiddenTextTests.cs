using CacheProxy.SemanticCache.Questions;

namespace CacheProxy.Tests.SemanticCache.Questions;

public sealed class HiddenTextTests
{
    [Theory]
    [InlineData("What is\u200B the capital?")]
    [InlineData("\u200FWhat is the capital?")]
    [InlineData("What is the \u202Elatipac?")]
    [InlineData("What is the capital?\uFEFF")]
    [InlineData("soft\u00ADhyphen")]
    [InlineData("word\u2060joiner")]
    [InlineData("bell\u0007")]
    [InlineData("unit\u001Eseparator")]
    [InlineData("nul\0")]
    [InlineData("tags \U000E0041\U000E0042")]
    [InlineData("filler \u3164")]
    [InlineData("blank \u2800")]
    [InlineData("private \uE000")]
    [InlineData("a\uFE01b")]
    [InlineData("a\uFE0F\uFE0E")]
    [InlineData("\U000E0101")]
    [InlineData("wo\u200Drd")]
    [InlineData("end \u200D")]
    [InlineData("\U0001F469\u200Dx")]
    [InlineData("lone \uD800")]
    public void IsIn_CharactersThatShowNothing_AreFound(string text) => Assert.True(HiddenText.IsIn(text));

    [Theory]
    [InlineData("")]
    [InlineData("What is the capital of France?\r\n\tPlease.")]
    [InlineData("na\u0308ive cafe\u0301")]
    [InlineData("\U0001F469\u200D\U0001F4BB codes")]
    [InlineData("\u2764\uFE0F\u200D\U0001F525 \U0001F44D\U0001F3FD")]
    [InlineData("a\u00A0b\u2003c")]
    [InlineData("法国的首都是什么")]
    [InlineData("ما هي عاصمة فرنسا؟")]
    public void IsIn_VisibleText_IsNot(string text) => Assert.False(HiddenText.IsIn(text));
}
