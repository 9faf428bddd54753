using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Hosting;
using Parley.Xmpp.Server.Storage;

namespace Parley.bench.Chat;

/// <summary>This server, with what an operator gets who changes nothing but ports; calls are off, as the others have none.</summary>
internal sealed class ParleyChat(bool keepsUnacknowledged = true) : ChatServer
{
    public override string Name => "parley";

    protected override async Task<ProcessStartInfo> PrepareAsync(ChatSetup setup)
    {
        var storage = Database is null ? new StorageOptions() : new StorageOptions { Provider = StorageProvider.PostgreSql, ConnectionString = Database.ConnectionString };
        var settings = new XmppServerSettings(new ServerOptions { Domain = Domain, DataDirectory = DataDirectory }, new(), new(), new()) { Storage = storage };
        await using (var services = new ServiceCollection().AddXmppStorage(settings).BuildServiceProvider())
        {
            var administration = services.GetRequiredService<IAccountAdministration>();
            await Parallel.ForEachAsync(Enumerable.Range(0, setup.Accounts), async (i, ct) => await administration.AddAsync(Jid.Parse($"u{i}@{Domain}"), Password, ct));
        }

        return new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "Parley.Server.Host.dll"), "run", "--Server:DataDirectory", DataDirectory, "--Listeners:C2S:Port", Port.ToString(CultureInfo.InvariantCulture),
            "--Listeners:C2STls:Port", "0", "--Listeners:Http:Port", "0", "--Listeners:Https:Port", "0", "--Plugins:MediaRelay:Enabled", "false", "--Plugins:FocusAgent:Enabled", "false",
            "--Plugins:Meet:Enabled", "false", "--Plugins:Archive:Enabled", setup.Archive == ChatArchive.None ? "false" : "true", "--Sessions:KeepUnacknowledged", keepsUnacknowledged ? "true" : "false", "--Logging:Level", "Warning",
            .. Database is null ? (string[])[] : ["--Storage:Provider", "PostgreSql", "--Storage:ConnectionString", Database.ConnectionString],
            // Its few accounts send what a whole server's do.
            "--Limits:StanzasPerSecond", "0", "--Limits:BytesPerSecond", "0", "--Plugins:Muc:MessagesPerMinutePerAccount", "100000000", "--Plugins:Muc:JoinsPerMinutePerRoom", "100000000",
        ]);
    }
}
