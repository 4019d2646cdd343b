using System.Net.WebSockets;
using System.Text;

namespace TestApp.Endpoints;

/// <summary>Web sockets: echo with its switches, a sub-protocol, and the two orders of events around the upgrade.</summary>
public static class WebSocketEndpoints
{
    public static readonly (string Name, Handler Run)[] All =
    [
        ("websocket", (context, _) => Echo(context, null)),
        ("WebSocketEcho", (context, _) => Echo(context, null)),
        ("websocketSubProtocol", (context, _) => Echo(context, "mywebsocketsubprotocol")),
        ("WebSocketLifetimeEvents", async (context, _) =>
        {
            var events = new List<string>();
            context.Response.OnStarting(() =>
            {
                events.Add("OnStarting");
                return Task.CompletedTask;
            });
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            events.Add("Upgraded");
            foreach (var name in events) await Send(socket, name);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }),
        ("WebReadBeforeUpgrade", async (context, _) =>
        {
            var read = await context.Request.Body.ReadAsync(new byte[1]);
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await Send(socket, read == 0 ? "Yay" : "there was a body");
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }),
    ];

    private static async Task Echo(HttpContext context, string? protocol)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await context.Response.WriteAsync($"Ready to accept a WebSocket request at: {context.Request.Path}");
            return;
        }
        var open = context.RequestServices.GetRequiredService<OpenWebSockets>();
        using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol);
        open.Add(socket);
        try
        {
            await EchoFrames(socket);
        }
        catch (WebSocketException)
        {
            // The other side left without a close frame.
        }
        finally
        {
            open.Remove(socket);
        }
    }

    private static async Task EchoFrames(WebSocket socket)
    {
        var buffer = new byte[65_536];
        var (echoing, repeat) = (true, 1);
        while (true)
        {
            var frame = await socket.ReceiveAsync(buffer, CancellationToken.None);
            if (frame.MessageType == WebSocketMessageType.Close)
            {
                if (socket.State == WebSocketState.CloseReceived)
                {
                    await socket.CloseAsync(frame.CloseStatus ?? WebSocketCloseStatus.Empty, frame.CloseStatusDescription, CancellationToken.None);
                }
                return;
            }
            var word = frame.MessageType == WebSocketMessageType.Text ? Encoding.UTF8.GetString(buffer, 0, frame.Count) : "";
            if (word == "CloseFromServer")
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "ClosingFromServer", CancellationToken.None);
                return;
            }
            if (word is "_on" or "_off") echoing = word == "_on";
            if (word is "_1" or "_10" or "_1000") repeat = int.Parse(word[1..]);
            for (var i = 0; echoing && i < repeat; i++)
            {
                await socket.SendAsync(buffer.AsMemory(0, frame.Count), frame.MessageType, frame.EndOfMessage, CancellationToken.None);
            }
        }
    }

    private static Task Send(WebSocket socket, string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);
}
