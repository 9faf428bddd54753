using System.Collections.Concurrent;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.VCard;

/// <summary>Puts the avatar's hash into presence for clients that leave it to the server (XEP-0398 section 5, XEP-0153).</summary>
internal sealed class AvatarHashes(Avatars avatars, CardStore cards, IPresenceRenewal presence) : IPresenceAmendment, IPersonalEventObserver, IAccountObserver
{
    private const string Update = "vcard-temp:x:update";
    private const int MaxRemembered = 50_000;

    // By account. What is being read when it changes is thrown away with its entry, so that nobody remembers it.
    private readonly ConcurrentDictionary<Jid, Lazy<Task<string?>>> _hashes = new();

    /// <inheritdoc/>
    public async ValueTask<Presence> AmendAsync(Presence presence, ISession session, CancellationToken ct)
    {
        var said = presence.Element.Child("x", Update)?.Child("photo");
        if (said is { Value.Length: 0 }) return presence; // it has no avatar here, and wants none
        if (await HashAsync(session.Jid.Bare) is not { } hash || said?.Value == hash) return presence;
        var amended = presence.Element.CopyWithout(c => c.Is("x", Update)).Add(new Element("x", Update).Add("photo", p => p.Text(hash)));
        return new Presence(amended);
    }

    /// <inheritdoc/>
    public ValueTask ChangedAsync(PersonalChange change, CancellationToken ct)
    {
        // The metadata says which picture it is; the pictures themselves come before.
        if (change.Node == Avatar.MetadataNode) Change(change.Account);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Removed(Jid account) => Forget(account);

    /// <summary>An account's avatar is another: what was said of it is said anew.</summary>
    public void Change(Jid account)
    {
        Forget(account);
        presence.Renew(account);
    }

    private void Forget(Jid account) => _hashes.TryRemove(account, out _);

    private async ValueTask<string?> HashAsync(Jid account)
    {
        if (_hashes.Count >= MaxRemembered) _hashes.Clear();
        var entry = _hashes.GetOrAdd(account, a => new Lazy<Task<string?>>(() => ReadAsync(a)));
        try
        {
            return await entry.Value;
        }
        catch
        {
            _hashes.TryRemove(new(account, entry));
            throw;
        }
    }

    private async Task<string?> ReadAsync(Jid account)
    {
        if (await avatars.IsSaidAsync(account, CancellationToken.None)) return await avatars.IdAsync(account, CancellationToken.None);
        return await cards.StoredAsync(account, CancellationToken.None) is { } card ? Avatar.ReadPhoto(card)?.Id : null;
    }
}
