using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.PrivateXml;

/// <summary>Says at accounts that bookmarks are kept the same (XEP-0402 section 5, XEP-0411 section 2), where they are.</summary>
internal sealed class BookmarkDiscovery(BookmarkSync bookmarks) : IAccountDiscovery
{
    private static readonly DiscoInfo Conversion = new([], [Bookmarks.Native + "#compat", Bookmarks.Native + "#compat-pep", "urn:xmpp:bookmarks-conversion:0"]);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DiscoItem>?> ItemsAsync(Jid account, Jid asker, string? node, CancellationToken ct) => default;

    /// <inheritdoc/>
    public ValueTask<DiscoInfo?> DescribeAsync(Jid account, Jid asker, string? node, CancellationToken ct) => new(node is null && bookmarks.IsOn ? Conversion : null);
}
