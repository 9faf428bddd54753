using Parley.Plugins.PubSub.Caps;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.PubSub.Delivery;

/// <summary>Resources on other servers whose presence accounts of this one receive. Bounded; whoever came first is forgotten first.</summary>
internal sealed class RemoteResources(Interests interests, int capacity = RemoteResources.DefaultCapacity)
{
    /// <summary>Pairs of an account and a resource that are remembered.</summary>
    public const int DefaultCapacity = 200_000;

    /// <summary>Resources of one contact that an account remembers; a server may invent any number.</summary>
    public const int MostOfContact = 50;

    private readonly Dictionary<(Jid Account, Jid Contact), Dictionary<Jid, Heard>> _heard = [];
    private readonly LinkedList<(Jid Account, Jid Resource)> _order = [];

    /// <summary>How many pairs are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_heard) return _order.Count;
        }
    }

    /// <summary>Takes an available presence.</summary>
    /// <returns>The capabilities that were heard of before; null if the resource was not known to be there.</returns>
    public (bool IsNew, CapsClaim? Before) Hear(Jid account, Presence presence)
    {
        var (resource, claim) = (presence.From!, CapsClaim.Of(presence));
        lock (_heard)
        {
            var key = (account, resource.Bare);
            if (!_heard.TryGetValue(key, out var resources)) _heard.Add(key, resources = []);
            if (resources.TryGetValue(resource, out var known))
            {
                var before = CapsClaim.Of(known.Presence);
                resources[resource] = known with { Presence = presence };
                return (false, before);
            }

            if (resources.Count >= MostOfContact) return (false, claim);
            resources[resource] = new Heard(presence, _order.AddLast((account, resource)));
            if (_order.Count > capacity && _order.First is { } oldest) Remove(oldest.Value.Account, oldest.Value.Resource);
            return (true, null);
        }
    }

    /// <summary>Takes an unavailable presence.</summary>
    public void Forget(Jid account, Jid resource)
    {
        lock (_heard) Remove(account, resource);
        interests.Forget(resource);
    }

    /// <summary>The resources of a contact that an account sees and that want to hear of a node.</summary>
    public IReadOnlyList<Jid> Interested(Jid account, Jid contact, string node)
    {
        Heard[] all;
        lock (_heard)
        {
            if (!_heard.TryGetValue((account, contact), out var resources)) return [];
            all = [.. resources.Values];
        }

        return [.. all.Where(h => interests.Known(h.Presence.From!, h.Presence)?.Contains(node) == true).Select(h => h.Presence.From!)];
    }

    private void Remove(Jid account, Jid resource)
    {
        if (!_heard.TryGetValue((account, resource.Bare), out var resources) || !resources.Remove(resource, out var heard)) return;
        _order.Remove(heard.Place);
        if (resources.Count == 0) _heard.Remove((account, resource.Bare));
    }

    private sealed record Heard(Presence Presence, LinkedListNode<(Jid Account, Jid Resource)> Place);
}
