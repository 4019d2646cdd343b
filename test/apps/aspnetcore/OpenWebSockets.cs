using System.Collections.Concurrent;
using System.Net.WebSockets;

namespace TestApp;

/// <summary>The web sockets under way; closed from here when the app stops, before the stop delay.</summary>
public sealed class OpenWebSockets
{
    private readonly ConcurrentDictionary<WebSocket, bool> _sockets = new();

    public void Add(WebSocket socket) => _sockets[socket] = true;

    public void Remove(WebSocket socket) => _sockets.TryRemove(socket, out _);

    public void CloseAll()
    {
        if (Environment.GetEnvironmentVariable("ANCMTestDisableWebCocketConnectionsCloseAll") is not null) return;
        foreach (var socket in _sockets.Keys)
        {
            socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "ClosingFromServer", CancellationToken.None).Wait(1000);
        }
    }
}
