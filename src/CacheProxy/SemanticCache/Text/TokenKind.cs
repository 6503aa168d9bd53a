namespace CacheProxy.SemanticCache.Text;

public enum TokenKind
{
    /// <summary>Letters only, contractions taken apart.</summary>
    Word,

    /// <summary>Digits, with separators and decimals.</summary>
    Number,

    /// <summary>Looks like code, a name from code, a path, an address, or mixes letters and digits.</summary>
    Code,

    /// <summary>A sign that can change a meaning: <c>% $ € £ ° + - * / = &lt; &gt;</c> and the like.</summary>
    Symbol,
}
