using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Offline;

/// <summary>Keeps a message where no resource of its account would receive it. Where the account's store is full, or nothing is worth keeping, the message goes on, to be refused.</summary>
internal sealed class OfflineStorage(IOfflineStore store, IAccountStore accounts, OfflineDelivery delivery, TimeProvider time) : IMessageInterceptor
{
    /// <inheritdoc/>
    public async ValueTask<Interception> OnMessageAsync(Message message, StanzaContext context, CancellationToken ct)
    {
        var account = message.To!.Bare;
        if (delivery.FindReceiver(account) is not null || !StoragePolicy.IsKept(message) || !await accounts.ExistsAsync(account, ct)) return Interception.Continue;
        if (!await store.AddAsync(account, message, context.Received ?? time.GetUtcNow(), ct)) return Interception.Continue;
        // One that became available meanwhile has looked into the store already, perhaps before the message was there.
        if (delivery.FindReceiver(account) is { } late) await delivery.DeliverAsync(late, ct);
        return Interception.Handled;
    }
}
