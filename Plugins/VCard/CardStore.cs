using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.VCard;

/// <summary>The vCards of accounts. Where an account has an avatar at its nodes, that is the photo (XEP-0398 section 6.2), for those who may see it there.</summary>
internal sealed class CardStore(IPrivateStore store, Avatars avatars)
{
    /// <summary>What the account stored; null if nothing.</summary>
    public ValueTask<Element?> StoredAsync(Jid account, CancellationToken ct) => store.ReadAsync(account, Ns.VCard, ct);

    /// <summary>What somebody sees; null if there is nothing.</summary>
    public async ValueTask<Element?> ShownAsync(Jid account, Jid asker, CancellationToken ct)
    {
        var card = await StoredAsync(account, ct);
        if (!await avatars.IsSaidAsync(account, ct)) return card;
        var photo = (await avatars.ReadAsync(account, asker, ct))?.ToPhoto();
        if (card is null && photo is null) return null;
        return (card?.CopyWithout(c => c.Is("PHOTO", Ns.VCard)) ?? new Element("vCard", Ns.VCard)).Add(photo);
    }

    /// <summary>Keeps a card.</summary>
    public ValueTask WriteAsync(Jid account, Element card, CancellationToken ct) => store.WriteAsync(account, Ns.VCard, card, ct);
}
