using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.VCard;

/// <summary>Says at accounts that avatars are converted (XEP-0398 section 3), where they are.</summary>
internal sealed class AvatarDiscovery(Avatars avatars) : IAccountDiscovery
{
    private static readonly DiscoInfo Conversion = new([], ["urn:xmpp:pep-vcard-conversion:0"]);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DiscoItem>?> ItemsAsync(Jid account, Jid asker, string? node, CancellationToken ct) => default;

    /// <inheritdoc/>
    public ValueTask<DiscoInfo?> DescribeAsync(Jid account, Jid asker, string? node, CancellationToken ct) => new(node is null && avatars.AreThere ? Conversion : null);
}
