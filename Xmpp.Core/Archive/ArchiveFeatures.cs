namespace Parley.Xmpp.Core.Archive;

/// <summary>What an archive advertises beside <see cref="Ns.Archive"/> (XEP-0313 section 7).</summary>
public static class ArchiveFeatures
{
    /// <summary>The fields <c>before-id</c>, <c>after-id</c> and <c>ids</c>, flipped pages and metadata.</summary>
    public const string Extended = "urn:xmpp:mam:2#extended";

    /// <summary>The field <c>include-groupchat</c> is understood; nothing more.</summary>
    public const string GroupchatField = "urn:xmpp:mam:2#groupchat-field";
}
