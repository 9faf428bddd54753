using Microsoft.Extensions.Hosting;

namespace Parley.Plugins.Muc.Service;

/// <summary>Reads which rooms there are when the plugin starts, and puts everybody out when it stops (XEP-0045 section 11.2).</summary>
internal sealed class MucHosting(RoomRegistry rooms) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => rooms.LoadAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => rooms.CloseAsync(cancellationToken);
}
