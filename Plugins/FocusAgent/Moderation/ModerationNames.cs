namespace Parley.Plugins.FocusAgent.Moderation;

/// <summary>Names of the wire for moderation (docs/moderation.md).</summary>
public static class ModerationNames
{
    /// <summary>Our own elements.</summary>
    public const string Namespace = "urn:parley:moderation:0";

    /// <summary>The command that says who may enter.</summary>
    public const string Policy = Namespace + "#policy";

    /// <summary>The command that acts on people.</summary>
    public const string Act = Namespace + "#act";

    /// <summary>The command that ends the call.</summary>
    public const string End = Namespace + "#end";
}
